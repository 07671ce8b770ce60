import type { Credentials } from '../../protocol/acl/credentials.ts';
import type { LanguageCode } from '../../protocol/codes/language-code.ts';
import type { FrameLimits } from '../../protocol/frame.ts';
import type { Logger } from '../logger.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { RpcHook } from './rpc-hook.ts';
import type { TlsOptions, Transport } from './transport.ts';

/** Turns an address that a route names into the one to dial; `undefined` leaves it as it is. */
export type AddressMap = Readonly<Record<string, string>> | ((advertised: string) => string | undefined);

export interface RemotingClientOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger?: Logger | undefined;
  /** Signs every request. */
  readonly credentials?: Credentials | undefined;
  /** Encrypts every connection. */
  readonly tls?: TlsOptions | undefined;
  /** How headers are written; `JSON` unless said otherwise. Headers that the binary form cannot hold are JSON all the same. */
  readonly serializeType?: 'JSON' | 'ROCKETMQ' | undefined;
  /** Default: `NODE_JS` once the peer is seen to be new enough to know it, `OTHER` before. */
  readonly language?: LanguageCode | undefined;
  /** Ordinal in Java's `MQVersion`; default `CURRENT_VERSION`. */
  readonly version?: number | undefined;
  /** Milliseconds; default 3000. */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds, for requests that name no timeout; default 3000. */
  readonly requestTimeout?: number | undefined;
  readonly addressMap?: AddressMap | undefined;
  /** In the order in which they see a request. */
  readonly hooks?: readonly RpcHook[] | undefined;
  readonly limits?: Partial<FrameLimits> | undefined;
  /**
   * Connections per address besides the first, over which messages are sent; default 0. Messages that are sent without
   * waiting for one another may then overtake each other. Uses timers of its own: not for virtual time.
   */
  readonly additionalConnections?: number | undefined;
}
