import type { AclOptions } from './acl/acl-options.ts';
import { InvalidOptionError } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { ServerTransport } from '../remoting/transport.ts';

/** Whose manners the servers have: RocketMQ 5.5.0 or 4.9.7. They differ in codes, header types and extras. */
export type Generation = '5' | '4.9';

/** One broker of an embedded cluster. */
export interface BrokerOptions {
  /** Default `broker-a`, `broker-b` … in order. */
  readonly name?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** `host:port` that routes name in place of the one it listens on, as behind NAT. Default the latter. Java: `brokerIP1`. */
  readonly advertisedAddress?: string;
  /** Copies of the broker that only read, with the broker ids 1, 2 … Default 0. Java: `brokerRole=SLAVE`. */
  readonly slaves?: number;
}

/** What a topic is made of. Java: `TopicConfig`. */
export interface TopicOptions {
  /** Read and write queues per broker. Default 4. */
  readonly queues?: number;
  /** Default {@link queues}. */
  readonly readQueues?: number;
  /** Default {@link queues}. */
  readonly writeQueues?: number;
  /** Bits of `Permission`. Default 6, read and write. */
  readonly perm?: number;
  /** Names of the brokers that get the topic. Default all. */
  readonly brokers?: readonly string[];
  /** An ordered topic. Default false. */
  readonly order?: boolean;
  /** Attributes of 5.x, such as `message.type`. Default none. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** How the servers encrypt. All are PEM. */
export interface EmbeddedTls {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** Clients must show a certificate of this authority. Default: they need none. */
  readonly clientCa?: string | Buffer;
}

export interface EmbeddedClusterOptions {
  /** How many brokers, or one entry for each. Default 1. */
  readonly brokers?: number | readonly BrokerOptions[];
  /** Default 1. All know the same routes. */
  readonly nameServers?: number;
  /** Port of the first name server. Default 0: any free port. */
  readonly nameServerPort?: number;
  /** Default `'5'`. */
  readonly generation?: Generation;
  /** Default `DefaultCluster`. */
  readonly clusterName?: string;
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** Default TCP. */
  readonly transport?: ServerTransport;
  /** PEM certificate and key: all servers speak TLS, as with Java's `tls.server.mode=enforcing`. Default plain TCP. Not with {@link transport}. */
  readonly tls?: EmbeddedTls;
  /** Default the system's. */
  readonly clock?: Clock;
  /** Default the system's. */
  readonly random?: Random;
  /** Topics that are there from the start: name to number of queues, or to options. */
  readonly topics?: Readonly<Record<string, number | TopicOptions>>;
  /** Whether a send to an unknown topic makes it (TBW102). Default true. */
  readonly autoCreateTopics?: boolean;
  /** Queues of TBW102, the most an automatic topic gets. Default 4. */
  readonly defaultTopicQueueNums?: number;
  /** Delays by level, from level 1: milliseconds, or Java's text `1s 5s 10s`. Default Java's 18 levels, 1 s to 2 h. */
  readonly messageDelayLevels?: string | readonly number[];
  /** A client that sends no heartbeat for so long is dropped, in ms. Default 120_000. */
  readonly channelExpiry?: number;
  /** How often held pulls are looked at, in ms. Default 5_000. */
  readonly longPollingCheck?: number;
  /** Life of a queue lock, in ms. Default 60_000. */
  readonly lockExpiry?: number;
  /** Largest body of a message, in bytes. Default 4 MiB. */
  readonly maxMessageSize?: number;
  /** Whether consumers may filter by SQL92 (Java's `enablePropertyFilter`, there off by default). Default true. */
  readonly propertyFilter?: boolean;
  /** When a producer is first asked how a transaction ended, in ms after it began. Default 6_000. */
  readonly transactionTimeout?: number;
  /** When it is asked again, in ms. Default 30_000. */
  readonly transactionCheckInterval?: number;
  /** How often it is asked. Default 15. */
  readonly transactionCheckMax?: number;
  /** Whether timed messages may be recalled (Java's `recallMessageEnable`, there off by default). Default true. */
  readonly recallMessages?: boolean;
  /** Bytes of messages that each broker keeps; beyond them the oldest expire. Default without limit. */
  readonly memoryLimit?: number;
  /** Pulls that are so many bytes behind are sent to a slave, when there is one. Java: 40 % of the memory. Default never. */
  readonly slaveReadLag?: number;
  /** Who may do what. Default: everybody everything. */
  readonly acl?: AclOptions;
  /** How many requests the log keeps; each also keeps its frame in memory. Default 2_000. */
  readonly requestLogSize?: number;
  /** Cuts every connection after a random time, from the first to the second number of ms. Default never. */
  readonly connectionLife?: readonly [least: number, most: number];
}

/** {@link EmbeddedClusterOptions} with every default filled in. */
export interface ClusterSettings {
  readonly generation: Generation;
  readonly clusterName: string;
  readonly host: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly autoCreateTopics: boolean;
  readonly defaultTopicQueueNums: number;
  /** Milliseconds; the first entry is level 1. */
  readonly delayLevels: readonly number[];
  readonly channelExpiry: number;
  readonly longPollingCheck: number;
  readonly lockExpiry: number;
  readonly maxMessageSize: number;
  readonly propertyFilter: boolean;
  readonly transactionTimeout: number;
  readonly transactionCheckInterval: number;
  readonly transactionCheckMax: number;
  readonly recallMessages: boolean;
  readonly memoryLimit: number;
  readonly slaveReadLag: number;
  readonly acl?: AclOptions;
  readonly requestLogSize: number;
  readonly connectionLife?: readonly [least: number, most: number];
}

/** Java's `messageDelayLevel`. */
const javaDelayLevels = '1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h';

const defaults = {
  generation: '5',
  clusterName: 'DefaultCluster',
  host: '127.0.0.1',
  autoCreateTopics: true,
  defaultTopicQueueNums: 4,
  channelExpiry: 120_000,
  longPollingCheck: 5_000,
  lockExpiry: 60_000,
  maxMessageSize: 4 * 1024 * 1024,
  propertyFilter: true,
  transactionTimeout: 6_000,
  transactionCheckInterval: 30_000,
  transactionCheckMax: 15,
  recallMessages: true,
  memoryLimit: Number.POSITIVE_INFINITY,
  slaveReadLag: Number.POSITIVE_INFINITY,
  requestLogSize: 2_000,
} as const satisfies Partial<ClusterSettings>;

/** Fills in the defaults. */
export function clusterSettings(
  options: EmbeddedClusterOptions,
  clock: Clock,
  random: Random,
): ClusterSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const delayLevels = parseDelayLevels(options.messageDelayLevels ?? javaDelayLevels);
  return { ...defaults, ...(given as EmbeddedClusterOptions), clock, random, delayLevels };
}

const unitMillis: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function parseDelayLevels(levels: string | readonly number[]): readonly number[] {
  const parsed = typeof levels === 'string' ? levels.trim().split(/\s+/).map(parseDelay) : levels;
  if (parsed.every((ms) => ms >= 0)) return parsed;
  throw new InvalidOptionError(
    'messageDelayLevels',
    'holds something that is no time; write it as 1s 5m 2h or in ms',
  );
}

const parseDelay = (level: string): number =>
  Number(level.slice(0, -1)) * (unitMillis[level.slice(-1)] ?? Number.NaN);
