import { once } from 'node:events';
import { resolveJars, type RocketMQVersion } from './jars.ts';
import { RealBroker } from './real-broker.ts';
import { RealNameServer } from './real-name-server.ts';
import { RocketMQHome, type Properties } from './rocketmq-home.ts';
import { spawnJava } from './rocketmq-process.ts';
import { createTopic, type TopicOptions } from './topic-admin.ts';

export interface RealClusterOptions {
  readonly version: RocketMQVersion;
  /** Number of masters, named `broker-a`, `broker-b` … Default 1. */
  readonly brokers?: number;
  /** Default 1. */
  readonly nameServers?: number;
  /** Broker keys on top of the test defaults (`broker-config.ts`). */
  readonly brokerConfig?: Properties;
  /** JVM options of the brokers, for example a larger heap for a benchmark. */
  readonly jvmOptions?: readonly string[];
  /** Files below ROCKETMQ_HOME, for example `conf/plain_acl.yml`. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface AddBrokerOptions {
  /** Default: the next free letter. A slave takes its master's name, with `brokerId` and `brokerRole` in `config`. */
  readonly name?: string;
  readonly config?: Properties;
}

interface Parts {
  readonly options: RealClusterOptions;
  readonly jars: string;
  readonly home: RocketMQHome;
}

/** An unmodified RocketMQ cluster: name servers and brokers as JVM processes on 127.0.0.1. */
export class RealCluster implements AsyncDisposable {
  readonly version: RocketMQVersion;
  readonly nameServerList: readonly RealNameServer[];
  readonly brokers: RealBroker[] = [];
  readonly #parts: Parts;

  private constructor(parts: Parts, nameServers: readonly RealNameServer[]) {
    this.#parts = parts;
    this.version = parts.options.version;
    this.nameServerList = nameServers;
  }

  /** Starts everything and resolves when every broker is registered: about 3 s with one name server and one broker. */
  static async start(options: RealClusterOptions): Promise<RealCluster> {
    const jars = await resolveJars(options.version);
    const home = await RocketMQHome.create();
    let nameServers: RealNameServer[] = [];
    let cluster: RealCluster | undefined;
    try {
      for (const [name, content] of Object.entries(options.files ?? {})) await home.write(name, content);
      nameServers = await settled(
        times(options.nameServers ?? 1, () =>
          RealNameServer.launch({ version: options.version, jars, home }),
        ),
      );
      cluster = new RealCluster({ options, jars, home }, nameServers);
      const launch = cluster.#launch.bind(cluster);
      cluster.brokers.push(
        ...(await settled(times(options.brokers ?? 1, (index) => launch(brokerName(index), {})))),
      );
      return cluster;
    } catch (error) {
      await Promise.all([...nameServers, ...(cluster?.brokers ?? [])].map((part) => part.kill()));
      await home.remove();
      throw error;
    }
  }

  /** `127.0.0.1:PORT`, several joined by `;`. */
  get nameServers(): string {
    return this.nameServerList.map(({ address }) => address).join(';');
  }

  /** The first (mostly: the only) name server. */
  get nameServer(): RealNameServer {
    const [first] = this.nameServerList;
    if (first === undefined) throw new Error('this cluster was started without a name server');
    return first;
  }

  /** ROCKETMQ_HOME of this cluster: configuration, stores, and below `logs` what 5.x writes. */
  get home(): string {
    return this.#parts.home.path;
  }

  /** The broker of that name; throws when there is none. */
  broker(name: string): RealBroker {
    const found = this.brokers.find((broker) => broker.name === name);
    if (found === undefined)
      throw new Error(`no broker ${name}; there are ${this.brokers.map((broker) => broker.name).join(', ')}`);
    return found;
  }

  /** Adds one more broker to the running cluster. */
  async addBroker({ name, config = {} }: AddBrokerOptions = {}): Promise<RealBroker> {
    const broker = await this.#launch(name ?? brokerName(this.brokers.length), config);
    this.brokers.push(broker);
    return broker;
  }

  /** Creates a topic on all brokers (or one) and resolves when the name servers route it; a few milliseconds. */
  createTopic(name: string, options: TopicOptions = {}): Promise<void> {
    return createTopic(this.nameServers, name, options);
  }

  /**
   * Runs one mqadmin command in a JVM of its own (1 to 2 s) and returns what it printed, errors included: it exits
   * with 0 even when it fails, so the text is all there is to judge by. `-n` is added when it is missing.
   */
  async mqadmin(args: readonly string[]): Promise<string> {
    const target = args.includes('-n') ? [] : ['-n', this.nameServers];
    return this.java('org.apache.rocketmq.tools.command.MQAdminStartup', [...args, ...target]);
  }

  /** Runs any main class on the cluster's jars (for 5.5.0 Java's samples are among them) and returns what it printed. */
  async java(
    mainClass: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const child = spawnJava({
      jars: this.#parts.jars,
      home: this.home,
      mainClass,
      args,
      env,
      jvmOptions: ['-Xmx256m', '-Drmq.logback.configurationFile=rmq.tools.logback.xml'],
    });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(child, 'close');
    return Buffer.concat(chunks).toString('utf8');
  }

  /**
   * Ends everything and removes the folder, in well under a second: as the stores are thrown away nothing is gained by
   * the orderly shutdown, which takes a broker 5 to 15 s. (`broker.stop()` is the orderly one.)
   */
  async stop(): Promise<void> {
    await Promise.all([...this.brokers, ...this.nameServerList].map((part) => part.kill()));
    await this.#parts.home.remove();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #launch(name: string, config: Properties): Promise<RealBroker> {
    const { options, jars, home } = this.#parts;
    return RealBroker.launch({
      name,
      version: options.version,
      nameServers: this.nameServers,
      jars,
      home,
      config: { ...options.brokerConfig, ...config },
      jvmOptions: options.jvmOptions ?? [],
    });
  }
}

function brokerName(index: number): string {
  return `broker-${String.fromCodePoint(97 + index)}`;
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Like Promise.all, but when one part fails the others are awaited and killed: none is left behind. */
async function settled<T extends { kill(): Promise<void> }>(launches: Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(launches);
  const parts = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return parts;
  await Promise.all(parts.map((part) => part.kill()));
  throw failed.reason;
}
