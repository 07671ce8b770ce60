import { requestSince } from '../codes/request-code.ts';
import { none } from './body.ts';
import type { Body } from './body.ts';
import { noHeader } from './header.ts';
import type { Header, HeaderFields, HeaderValue, NoFields } from './header.ts';

/** Who answers a command. */
export type Role = 'nameServer' | 'broker' | 'client' | 'controller' | 'container';

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
  /** Release that brought it, such as `5.1.3`; not given for what is older than 4.3. */
  readonly since?: string;
  /** First release without it. */
  readonly until?: string;
  /** What a reader of Java's classes would stumble over. */
  readonly note?: string;
}

/** A row as it is declared: headers and bodies that it does not have are left out. */
export interface CommandDeclaration<Q extends HeaderFields, S extends HeaderFields, QB, SB> extends Partial<
  Omit<Command<Q, S, QB, SB>, 'since'>
> {
  readonly code: number;
  readonly name: string;
  readonly servedBy: Role;
}

/** Declares a row, so that its types are inferred. */
export function command<
  const Q extends HeaderFields = NoFields,
  const S extends HeaderFields = NoFields,
  QB = undefined,
  SB = undefined,
>(row: CommandDeclaration<Q, S, QB, SB>): Command<Q, S, QB, SB> {
  const since = requestSince(row.code);
  const absent = { request: noHeader, response: noHeader, requestBody: none, responseBody: none };
  // What is left out has the types of what is absent: the defaults of the type parameters.
  const whole = { ...absent, ...row } as unknown as Command<Q, S, QB, SB>;
  return since === undefined ? whole : { ...whole, since };
}

/** The header object that callers give with a request. */
export type RequestHeaderOf<C> = C extends { readonly request: Header<infer Q> } ? HeaderValue<Q> : never;

/** The header object of an answer. */
export type ResponseHeaderOf<C> = C extends { readonly response: Header<infer S> } ? HeaderValue<S> : never;

/** The body of a request. */
export type RequestBodyOf<C> = C extends { readonly requestBody: Body<infer B> } ? B : never;

/** The body of an answer. */
export type ResponseBodyOf<C> = C extends { readonly responseBody: Body<infer B> } ? B : never;
