import type { BodySource, TypedHeader } from '../../../protocol/frame-writer.ts';
import type { RemotingCommand } from '../../../protocol/remoting-command.ts';
import type { ExtFields } from '../../../protocol/remoting-command.ts';

/** What a server says to a request. */
export interface Answer {
  /** Response code. Default 0. */
  readonly code?: number | undefined;
  readonly remark?: string | undefined;
  readonly ext?: Readonly<ExtFields> | undefined;
  readonly body?: Buffer | undefined;
  /** In place of {@link ext}: written straight into the frame, which is much faster. */
  readonly typed?: TypedFields | undefined;
  /** In place of {@link body}: written straight into the frame. */
  readonly bodySource?: BodySource | undefined;
}

/** Fields of an answer with their declaration, such as `row.response`. */
export interface TypedFields {
  readonly type: TypedHeader;
  readonly value: object;
}

/** A request that a control is about to decide on. */
export interface ControlledRequest {
  readonly server: string;
  /** `host:port` of the client. */
  readonly client: string;
  /** `in` from the client, `out` to it. */
  readonly direction: 'in' | 'out';
  readonly command: RemotingCommand;
}

/**
 * What happens to a request and to its answer; all that is given applies. For what brokers send to clients, `answer`
 * is what they take for the client's word, and the faults of frames strike the request itself.
 */
export interface ControlVerdict {
  /** Do not handle it; answer with this response code, or with all of this. */
  readonly answer?: number | Answer;
  /** Of the answer when that is a number. */
  readonly remark?: string;
  /** Handle it so many ms later. */
  readonly delay?: number;
  /** Handle it when the promise settles. */
  readonly hold?: Promise<unknown>;
  /** Neither handle nor answer it. */
  readonly drop?: boolean;
  /** Handle it, but never answer. */
  readonly mute?: boolean;
  /** Handle it now, answer so many ms later. */
  readonly late?: number;
  /** Cut the connection instead of handling it, after handling it and instead of answering, or within the frame of the answer. */
  readonly close?: 'before' | 'after' | 'middle';
  /** How many bytes of the frame still leave with `close: 'middle'`. Default half of them. */
  readonly at?: number;
  /** Answers something else than the handler said. */
  readonly change?: (answer: Answer, request: ControlledRequest) => Answer;
  /** Sends the frame so many times. Default once. */
  readonly copies?: number;
  /** The answer waits until so many later ones have left on the connection, or for {@link ControlVerdict.within}. */
  readonly behind?: number;
  /** How long an answer waits for others at most, in ms. Default 1_000. */
  readonly within?: number;
  /** Turns all bits of the byte at this place of the frame, from the end when negative. */
  readonly corrupt?: number;
  /** The frame leaves in pieces of so many bytes. */
  readonly slice?: number;
  /** Time between the pieces, in ms. Default 0: as fast as the transport takes them. */
  readonly pace?: number;
  /** Before the answer comes one more, to a request that nobody has made. */
  readonly stray?: boolean;
}

/** When a control strikes. */
export interface ControlLimits {
  /** How often it strikes before it goes away. Default: always. */
  readonly times?: number;
  /** How many requests pass unharmed before. Default 0. */
  readonly skip?: number;
  /** Only on this server: a broker's name or `name-server`. Default: on all. */
  readonly server?: string;
  /** Only on the connection of the client with this `host:port`. Default: on all. */
  readonly client?: string;
  /** Only what comes in from clients, or only what goes out to them. Default both. */
  readonly direction?: 'in' | 'out';
  /** Only for requests that fit. */
  readonly when?: (request: ControlledRequest) => boolean;
}

/** Decides for one request; undefined lets it pass. */
export type ControlHandler = (request: ControlledRequest) => ControlVerdict | undefined;

export type ControlAction = (ControlVerdict & ControlLimits) | ControlHandler;

/** A control that is in force. */
export interface Control {
  /** How many requests it has struck. */
  readonly hits: number;
  remove(): void;
  [Symbol.dispose](): void;
}
