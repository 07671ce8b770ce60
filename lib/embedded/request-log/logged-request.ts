import type { ExtFields } from '../../../protocol/remoting-command.ts';
import type { Command } from '../../../protocol/schema/command.ts';

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
  /** Undefined as long as there was none when the log was asked, and for one-way requests. */
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
