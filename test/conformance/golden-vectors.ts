import { readFileSync } from 'node:fs';
import type { ReceiptHandle, RecallHandle, SigningAlgorithm } from '../../protocol/index.ts';

/** Versions of RocketMQ whose own classes wrote the vectors: the first with fastjson 1, the second with fastjson 2. */
export const GENERATIONS = ['4.9.7', '5.5.0'] as const;
export type Generation = (typeof GENERATIONS)[number];

export const KINDS = ['headers', 'bodies', 'messages', 'signatures'] as const;
export type VectorKind = (typeof KINDS)[number];

/** A value as plain JSON: maps are lists of pairs, sets are lists, bytes are hex. */
export type Neutral = string | number | boolean | readonly Neutral[] | { readonly [member: string]: Neutral };

/** One custom header in one frame of each serialization. */
export interface HeaderVector {
  readonly class: string;
  readonly variant: 'minimal' | 'full' | 'odd';
  readonly code: number;
  readonly opaque: number;
  readonly flag: number;
  readonly remark?: string;
  readonly body?: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
  readonly ext: Readonly<Record<string, string>>;
  /** What the binary form carries, where that is not the same. */
  readonly binaryExt?: Readonly<Record<string, string>>;
  readonly json: string;
  readonly binary: string;
}

/** One JSON body. */
export interface BodyVector {
  readonly class: string;
  readonly variant: string;
  readonly value: Readonly<Record<string, Neutral>>;
  readonly text: string;
}

/** One message as Java's decoder reads it; hosts are `address port`. */
export interface MessageValues {
  readonly [member: string]: string | number | readonly (readonly [string, string])[];
  readonly bornHost: string;
  readonly storeHost: string;
  readonly body: string;
  readonly properties: readonly (readonly [string, string])[];
}

export type MessageVector =
  | {
      readonly kind: 'stored message';
      readonly name: string;
      readonly record: string;
      readonly value: readonly MessageValues[];
    }
  | {
      readonly kind: 'batch';
      readonly members: readonly {
        readonly flag: number;
        readonly body: string;
        readonly properties: string;
      }[];
      readonly bytes: string;
    }
  | {
      readonly kind: 'properties';
      readonly text: string;
      readonly value: readonly (readonly [string, string])[];
    }
  | {
      readonly kind: 'offset message id';
      readonly host: string;
      readonly port: number;
      readonly offset: number;
      readonly id: string;
    }
  | {
      readonly kind: 'subscription';
      readonly expression: string;
      readonly value: Readonly<Record<string, Neutral>>;
    }
  | {
      readonly kind: 'compressed';
      readonly content: string;
      readonly type: string;
      readonly level: number;
      readonly sysFlag: number;
      readonly length: number;
      readonly crc32: number;
      readonly bytes: string;
    }
  | (ReceiptHandle & { readonly kind: 'receipt handle'; readonly topic: string; readonly text: string })
  | (RecallHandle & { readonly kind: 'recall handle'; readonly text: string })
  | { readonly kind: 'trace record'; readonly type: string; readonly text: string }
  | { readonly kind: 'tag hash'; readonly tag: string; readonly hash: number };

/** A request as the hook of Java's clients signed it, or bytes signed with one of the algorithms. */
export type SignatureVector =
  | {
      readonly kind: 'request';
      readonly name: string;
      readonly accessKey: string;
      readonly secretKey: string;
      readonly securityToken?: string;
      readonly signature: string;
      readonly body?: string;
      /** What travels, `AccessKey`, `SecurityToken` and `Signature` included. */
      readonly ext: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'algorithm';
      readonly algorithm: SigningAlgorithm;
      readonly secretKey: string;
      readonly content: string;
      readonly signature: string;
    };

export interface VectorFile<T> {
  readonly rocketmq: string;
  readonly kind: VectorKind;
  readonly vectors: readonly T[];
}

/** What `rmq.ProtocolDump` tells of Java's classes. */
export interface Reflection {
  readonly rocketmq: string;
  readonly headers: Readonly<
    Record<string, { readonly code?: number; readonly fields: Readonly<Record<string, string>> }>
  >;
  readonly requestCodes: Readonly<Record<string, number>>;
  readonly responseCodes: Readonly<Record<string, number>>;
  readonly languages: Readonly<Record<string, number>>;
  readonly versions: Readonly<Record<string, number>>;
  readonly properties: Readonly<Record<string, string>>;
  readonly reservedProperties: readonly string[];
  readonly messageSysFlags: Readonly<Record<string, number>>;
  readonly pullSysFlags: Readonly<Record<string, number>>;
  readonly topicSysFlags: Readonly<Record<string, number>>;
  readonly permissions: Readonly<Record<string, number>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
  readonly bodies: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const vectorFile = (generation: Generation, kind: VectorKind | 'reflection'): URL =>
  new URL(`./vectors/${generation}/${kind}.json`, import.meta.url);

const read = (file: URL): unknown => JSON.parse(readFileSync(file, 'utf8')) as unknown;

export const headerVectors = (generation: Generation): readonly HeaderVector[] =>
  (read(vectorFile(generation, 'headers')) as VectorFile<HeaderVector>).vectors;

export const bodyVectors = (generation: Generation): readonly BodyVector[] =>
  (read(vectorFile(generation, 'bodies')) as VectorFile<BodyVector>).vectors;

export const messageVectors = (generation: Generation): readonly MessageVector[] =>
  (read(vectorFile(generation, 'messages')) as VectorFile<MessageVector>).vectors;

export const signatureVectors = (generation: Generation): readonly SignatureVector[] =>
  (read(vectorFile(generation, 'signatures')) as VectorFile<SignatureVector>).vectors;

export const reflection = (generation: Generation): Reflection =>
  read(vectorFile(generation, 'reflection')) as Reflection;
