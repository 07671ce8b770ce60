import type { Body } from './body.ts';
import type { Header, HeaderFields, HeaderValue } from './header.ts';

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

/** Declares a row, so that its types are inferred. */
export function command<const Q extends HeaderFields, const S extends HeaderFields, QB, SB>(
  row: Command<Q, S, QB, SB>,
): Command<Q, S, QB, SB> {
  return row;
}

/** The header object that callers give with a request. */
export type RequestHeaderOf<C> = C extends { readonly request: Header<infer Q> } ? HeaderValue<Q> : never;

/** The header object of an answer. */
export type ResponseHeaderOf<C> = C extends { readonly response: Header<infer S> } ? HeaderValue<S> : never;

/** The body of a request. */
export type RequestBodyOf<C> = C extends { readonly requestBody: Body<infer B> } ? B : never;

/** The body of an answer. */
export type ResponseBodyOf<C> = C extends { readonly responseBody: Body<infer B> } ? B : never;
