import type { HeaderFields, HeaderValue } from '../../protocol/schema/header.ts';

export interface CallOptions {
  /** Milliseconds for connecting and waiting together; default `requestTimeout` of the client. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer<S extends HeaderFields, SB> {
  readonly header: HeaderValue<S>;
  readonly body: SB;
}

export interface RemotingStats {
  /** Open connections. */
  readonly connections: number;
  /** Requests that wait for a connection or an answer. */
  readonly pending: number;
  /** Answers that came after their request had timed out or was aborted. */
  readonly late: number;
  /** Answers to nothing that was asked, second answers included. */
  readonly unknown: number;
  /** Writes to sockets. */
  readonly writes: number;
  /** Chunks read from sockets. */
  readonly reads: number;
}

/** Addresses in events are the advertised ones, as they were given. */
export interface RemotingEvents {
  /** A connection is ready, the first or a later one. What a listener sends at once goes before all that waits. */
  connected: [{ readonly address: string }];
  disconnected: [{ readonly address: string; readonly error?: Error | undefined }];
  /** An answer came that nobody waits for. */
  stray: [{ readonly address: string; readonly opaque: number; readonly code: number }];
}
