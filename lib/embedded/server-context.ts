import type { ServerTransport } from '../remoting/transport.ts';
import type { Controls } from './controls.ts';
import type { ClusterSettings } from './embedded-options.ts';
import type { Manners } from './manners.ts';
import type { RequestEntry } from './request-entry.ts';

/** What all servers of a cluster share. */
export interface ServerContext {
  readonly settings: ClusterSettings;
  readonly manners: Manners;
  readonly transport: ServerTransport;
  readonly controls: Controls;
  /** Puts a request into the log. */
  record(entry: RequestEntry): void;
}
