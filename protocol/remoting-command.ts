import type { LanguageCode } from './codes/language-code.ts';

/** How the header of a frame is written; the fifth byte of the frame. Java: `SerializeType`. */
export const SerializeType = { JSON: 0, ROCKETMQ: 1 } as const;
/** 0 or 1, see the constant of the same name. */
export type SerializeType = (typeof SerializeType)[keyof typeof SerializeType];

/** Custom header fields as they travel: text to text, without a prototype. */
export type ExtFields = Record<string, string>;

/** Bits of {@link RemotingCommand.flag}. */
export const CommandFlag = { response: 1, oneway: 2 } as const;

/** One frame of the protocol, request or response. Java: `RemotingCommand`. */
export interface RemotingCommand {
  /** Request code of a request, response code of a response. */
  readonly code: number;
  readonly language: LanguageCode | undefined;
  /** Ordinal of the sender's version in Java's `MQVersion`. */
  readonly version: number;
  /** Request id, chosen by the requester and echoed by the responder. */
  readonly opaque: number;
  readonly flag: number;
  readonly remark?: string | undefined;
  readonly extFields?: Readonly<ExtFields> | undefined;
  /** Absent when the frame has no body; an empty body cannot be told from none. */
  readonly body?: Buffer | undefined;
  readonly serializeType: SerializeType;
}

/** Whether the command answers a request. */
export const isResponse = (command: { readonly flag: number }): boolean =>
  (command.flag & CommandFlag.response) !== 0;

/** Whether the sender expects no answer. */
export const isOneway = (command: { readonly flag: number }): boolean =>
  (command.flag & CommandFlag.oneway) !== 0;
