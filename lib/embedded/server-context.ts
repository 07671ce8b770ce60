import type { ServerTransport } from '../remoting/transport.ts';
import type { Controls } from './faults/controls.ts';
import type { ClusterSettings } from './embedded-options.ts';
import type { Manners } from './manners.ts';
import type { Registry } from './registry.ts';
import type { RequestLog } from './request-log/request-log.ts';

/** What all servers of a cluster share. */
export interface ServerContext {
  readonly settings: ClusterSettings;
  readonly manners: Manners;
  readonly transport: ServerTransport;
  readonly controls: Controls;
  /** The brokers that name servers tell of. */
  readonly registry: Registry;
  /** What was left at the name servers, by namespace and key. */
  readonly keyValues: Map<string, Map<string, string>>;
  /** The log of requests. */
  readonly requests: RequestLog;
}
