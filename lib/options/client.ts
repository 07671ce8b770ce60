import { Credentials } from '../../protocol/acl/credentials.ts';
import type { Logger, LogLevel } from '../logger.ts';
import { logLevels } from '../logger.ts';
import type { AddressMap } from '../remoting/remoting-options.ts';
import type { TlsOptions, Transport } from '../remoting/transport.ts';
import type { Clock } from '../runtime/clock.ts';
import type { FileAccess } from '../runtime/file-access.ts';
import type { Random } from '../runtime/random.ts';
import { flag, integer, millis, oneOf, optionalCustom, optionalText, resolveOptions } from './option.ts';
import type { Options, ResolvedOptions } from './option.ts';

/** The outside world, so that tests and simulations can bring their own. */
export interface Environment {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  /** Every address a host name stands for. Without it names are handed to the transport as they are. */
  readonly resolve?: ((host: string) => Promise<readonly string[]>) | undefined;
  /** Where broadcasting consumers keep their positions. Default: the files of this machine. */
  readonly files?: FileAccess | undefined;
  /** The text behind a URL: name server discovery. */
  readonly fetchText?: ((url: string, signal: AbortSignal) => Promise<string>) | undefined;
}

/** Access key and secret key (ACL 1.0), or user name and password (ACL 2.0). */
export interface CredentialsInput {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly securityToken?: string;
}

/** The options that every client has. Spread it into a client's own table. Java: `ClientConfig`. */
export const clientOptionTable = {
  /**
   * Name servers: `host:port`, several separated by `;` or `,`, an array of them, or an http(s) URL whose text lists them.
   * Default: the environment variable `NAMESRV_ADDR`, then `127.0.0.1:9876`.
   */
  nameServers: optionalCustom<string | readonly string[]>({
    expected: 'host:port, a list of them, or an http(s) URL',
    check: (value) =>
      isText(value) || (Array.isArray(value) && value.length > 0 && value.every((item) => isText(item))),
  }),
  /**
   * Second part of the client id, `ip@instanceName`. Default: unique per process and group member; `DEFAULT` when broadcasting,
   * because the path of the offset file contains it.
   */
  instanceName: optionalCustom<string>({
    expected: 'a non-empty string without @ and white space',
    check: (value) => isText(value) && !/[@\s]/.test(value),
  }),
  /** First part of the client id, and of message ids. Default: the first IPv4 address that is not a loopback one. */
  clientIp: optionalText(),
  /** Unit name, appended to the client id and to the discovery URL. */
  unitName: optionalText(),
  /** Marks topics that are made by sending, and messages that are sent back, as those of a unit. */
  unitMode: flag(false),
  /** Prefix of the names of all topics and groups on the brokers, `namespace%name`; users see the names without it. Java: `namespace`, in favour of `namespaceV2` since 5. */
  namespace: optionalCustom<string>({
    expected: 'a string of letters, digits, _, - and |',
    check: (value) => isText(value) && /^[\w|-]+$/.test(value),
  }),
  /** Namespace that goes along with every request, for a proxy or broker that tells tenants apart by it; names stay as they are. */
  namespaceV2: optionalText(),
  /** Keys to sign requests with. */
  credentials: optionalCustom<Credentials | CredentialsInput>({
    expected: 'an object with accessKey and secretKey',
    secret: true,
    check: isCredentials,
  }),
  /** Encrypts every connection: `true` for the system's authorities, or how. */
  tls: optionalCustom<boolean | TlsOptions>({
    expected: 'true, false or an object with TLS options',
    secret: true,
    check: (value) => typeof value === 'boolean' || isObject(value),
  }),
  /** Where to connect in place of an address that a name server advertises and this machine cannot reach. */
  addressMap: optionalCustom<AddressMap>({
    expected: 'an object from advertised to reachable host:port, or a function',
    check: (value) =>
      typeof value === 'function' || (isObject(value) && Object.values(value).every((item) => isText(item))),
  }),
  /** A pino logger, anything with its methods, or a level. Default: the level in `ROCKETMQ_LOG`, else silence. */
  logger: optionalCustom<Logger | LogLevel>({
    expected: `a logger or one of ${logLevels.join(', ')}`,
    check: (value) => (logLevels as readonly unknown[]).includes(value) || isObject(value),
  }),
  /** How headers are written: `JSON`, or RocketMQ's binary form. Both are always read. */
  serializeType: oneOf('JSON', 'ROCKETMQ'),
  /** How long one request to a server may take, in milliseconds. Java: `mqClientApiTimeout`. */
  requestTimeout: millis(3_000),
  /** How long making a connection may take, in milliseconds. */
  connectTimeout: millis(3_000),
  /** Rest between two looks at the routes, in milliseconds. */
  pollNameServerInterval: millis(30_000, { min: 100 }),
  /** Rest between two heartbeats, in milliseconds; brokers forget a client after 120 s. */
  heartbeatBrokerInterval: millis(30_000, { min: 100, max: 110_000 }),
  /** Connections per broker besides the first that sends may use; the first alone carries heartbeats and pulls. */
  additionalConnections: integer(0, { max: 64 }),
  /** Sends to the broker's port minus 2. Pulls never use it. */
  vipChannel: flag(false),
  /** The clock, chance and transport to use: for tests and simulations. */
  environment: optionalCustom<Environment>({
    expected: 'an object with clock, random and transport',
    check: (value) => isObject(value) && ['clock', 'random', 'transport'].every((name) => name in value),
  }),
};

/** What every client takes. */
export type ClientOptions = Options<typeof clientOptionTable>;

/** What every client works with. */
export type ResolvedClientOptions = ResolvedOptions<typeof clientOptionTable>;

/** Checks client options alone; clients with more options resolve their own table, which includes this one. */
export const resolveClientOptions = (given: ClientOptions): ResolvedClientOptions =>
  resolveOptions(clientOptionTable, given);

/** The credentials as the signing hook needs them. */
export function readCredentials(given: Credentials | CredentialsInput | undefined): Credentials | undefined {
  return given === undefined || given instanceof Credentials ? given : new Credentials(given);
}

function isCredentials(value: unknown): boolean {
  return isObject(value) && isText(value['accessKey']) && isText(value['secretKey']);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
