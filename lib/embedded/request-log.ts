import type { ExtFields } from '../../protocol/remoting-command.ts';
import type { Command } from '../../protocol/schema/command.ts';

/** One request that reached a server of the cluster, or that a broker sent to a client. */
export interface LoggedRequest {
  /** By the cluster's clock, ms since the epoch. */
  readonly at: number;
  /** `name-server` (then `name-server-2` …) or the name of the broker. */
  readonly server: string;
  /** `in` from a client, `out` from a broker to a client. */
  readonly direction: 'in' | 'out';
  /** Address of the client. */
  readonly client: string;
  readonly code: number;
  /** Java's name of the code; the number as text when nobody knows it. */
  readonly name: string;
  readonly opaque: number;
  readonly oneway: boolean;
  readonly ext: Readonly<ExtFields>;
  readonly bodySize: number;
  /** Undefined until the answer is given; stays so for one-way requests. */
  readonly answer?:
    { readonly at: number; readonly code: number; readonly remark?: string | undefined } | undefined;
}

/** Which requests are wanted; all that is given must fit. */
export interface RequestFilter {
  readonly command?: Command | { readonly code: number } | number;
  readonly server?: string;
  readonly direction?: 'in' | 'out';
  readonly client?: string;
  /** Only requests at or after this time. */
  readonly since?: number;
}

/** The last requests, oldest first. */
export class RequestLog {
  readonly #size: number;
  #entries: LoggedRequest[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  add(entry: LoggedRequest): void {
    this.#entries.push(entry);
    // Cut seldom, so that a request costs a push and nothing more.
    if (this.#entries.length >= this.#size * 2) this.#entries = this.#newest();
  }

  select(filter: RequestFilter = {}): LoggedRequest[] {
    const kept = this.#newest();
    const code = typeof filter.command === 'object' ? filter.command.code : filter.command;
    return kept.filter(
      (entry) =>
        (code === undefined || entry.code === code) &&
        (filter.server === undefined || entry.server === filter.server) &&
        (filter.direction === undefined || entry.direction === filter.direction) &&
        (filter.client === undefined || entry.client === filter.client) &&
        (filter.since === undefined || entry.at >= filter.since),
    );
  }

  #newest(): LoggedRequest[] {
    return this.#entries.slice(Math.max(0, this.#entries.length - this.#size));
  }

  clear(): void {
    this.#entries = [];
  }
}
