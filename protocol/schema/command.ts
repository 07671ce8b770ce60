import type { Body } from './body.ts';
import type { Header, HeaderFields } from './header.ts';

/** Who answers a command. */
export type Role = 'nameServer' | 'broker' | 'client';

/** One row of the command table: all that is known about a request code. */
export interface Command<
  Q extends HeaderFields = HeaderFields,
  S extends HeaderFields = HeaderFields,
  QB = unknown,
  SB = unknown,
> {
  readonly code: number;
  /** Java's name of the request code, such as `PULL_MESSAGE`. */
  readonly name: string;
  readonly servedBy: Role;
  readonly request: Header<Q>;
  readonly response: Header<S>;
  readonly requestBody: Body<QB>;
  readonly responseBody: Body<SB>;
  /** The peer is not expected to answer. */
  readonly oneway?: boolean;
  /** Asking twice, or asking another server, does no harm. */
  readonly idempotent?: boolean;
}

export type RequestHeaderOf<C> = C extends Command<infer Q, HeaderFields, infer _QB, infer _SB>
  ? import('./header.ts').HeaderValue<Q>
  : never;
