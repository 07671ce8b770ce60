import { lookup } from 'node:dns/promises';
import {
  AbstractStartedContainer,
  GenericContainer,
  getContainerRuntimeClient,
  Wait,
  type RestartOptions,
  type StartedTestContainer,
} from 'testcontainers';
import { freePort } from './free-port.ts';
import { untilRegistered } from './registration.ts';

/** Keys of Java's `BrokerConfig` and `MessageStoreConfig`. */
export type BrokerConfig = Readonly<Record<string, string | number | boolean>>;

const DEFAULT_IMAGE = 'apache/rocketmq:5.5.0';
const NAME_SERVER_PORT = 9876;
const CONFIG_FILE = '/tmp/broker.conf';
const STARTUP_TIMEOUT = 120_000;
/** The broker's default `brokerPermission`. */
const READ_AND_WRITE = 6;
const LOOPBACK = '127.0.0.1';

/** The image's own sizes are 1 GiB and more, and touched at start. */
const SMALL_JVM = '-Xms128m -Xmx512m -Xmn64m -XX:MaxDirectMemorySize=512m';

const DEFAULT_CONFIG: BrokerConfig = {
  brokerClusterName: 'DefaultCluster',
  brokerName: 'broker-a',
  brokerId: 0,
  namesrvAddr: `${LOOPBACK}:${NAME_SERVER_PORT}`,
  autoCreateTopicEnable: true,
  autoCreateSubscriptionGroup: true,
  defaultTopicQueueNums: 4,
  enablePropertyFilter: true,
  mappedFileSizeCommitLog: 64 * 1024 * 1024,
  registerNameServerPeriod: 10_000,
  // A slow disk should not look like a busy broker.
  waitTimeMillsInSendQueue: 2000,
  osPageCacheBusyTimeOutMills: 5000,
};

/** The name server first: a broker that finds none registers 10 s later. Runs in the image's `bin` folder. */
const COMMAND = `
rm -f /tmp/namesrv.out
sh mqnamesrv >/tmp/namesrv.out 2>&1 &
until grep -q 'boot success' /tmp/namesrv.out 2>/dev/null; do
  kill -0 $! 2>/dev/null || { cat /tmp/namesrv.out; exit 1; }
  sleep 0.1
done
cat /tmp/namesrv.out
exec sh mqbroker -c ${CONFIG_FILE}
`;

/**
 * A RocketMQ name server and broker in one container, reachable from this machine by any client without options.
 *
 * A broker tells clients its address through the name server, so the port it listens on and the published port must be
 * the same number. A free one is chosen at start, with the fast port two below it, and both are bound to 127.0.0.1
 * (or advertised under the engine's address, if that is another machine).
 *
 * ```ts
 * await using rocketmq = await new RocketMQContainer().start();
 * const producer = new Producer({ nameServers: rocketmq.nameServers });
 * ```
 */
export class RocketMQContainer extends GenericContainer {
  #brokerConfig: BrokerConfig = DEFAULT_CONFIG;
  #address: { host: string; nameServerPort: number; brokerPort: number } | undefined;

  /** Any image with the layout of `apache/rocketmq`, 4.9 or 5.x; with its tag. Default `apache/rocketmq:5.5.0`. */
  constructor(image: string = DEFAULT_IMAGE) {
    super(image);
    this.withStartupTimeout(STARTUP_TIMEOUT);
    this.withWaitStrategy(Wait.forLogMessage(/The broker\[.*boot success/));
  }

  /** Adds or replaces keys of the broker's configuration file; `brokerIP1` and `listenPort` are chosen at start. */
  withBrokerConfig(config: BrokerConfig): this {
    this.#brokerConfig = { ...this.#brokerConfig, ...config };
    return this;
  }

  /** Resolves when the name server lists the broker. */
  override async start(): Promise<StartedRocketMQContainer> {
    const container = await super.start();
    if (this.#address === undefined)
      throw new Error('a reused container has no known address: leave out withReuse()');
    const { host, nameServerPort, brokerPort } = this.#address;
    const started = new StartedRocketMQContainer(container, `${host}:${nameServerPort}`, {
      address: `${host}:${brokerPort}`,
      permission: Number(this.#brokerConfig['brokerPermission'] ?? READ_AND_WRITE),
    });
    try {
      await started.untilRegistered();
    } catch (error) {
      await started.stop();
      throw error;
    }
    return started;
  }

  protected override async beforeContainerCreated(): Promise<void> {
    if (this.#address !== undefined)
      throw new Error('a RocketMQContainer starts once: make a new one for each container');
    const { containerRuntime } = (await getContainerRuntimeClient()).info;
    const host = await numericAddress(containerRuntime.host);
    const [nameServerPort, brokerPort] = [await freePort(), await freePort([-2])];
    this.#address = { host, nameServerPort, brokerPort };
    this.#publish(host, [
      { container: NAME_SERVER_PORT, host: nameServerPort },
      { container: brokerPort, host: brokerPort },
      { container: brokerPort - 2, host: brokerPort - 2 },
    ]);
    this.withEnvironment({
      NAMESRV_ADDR: `${LOOPBACK}:${NAME_SERVER_PORT}`,
      ...('JAVA_OPT_EXT' in this.environment ? {} : { JAVA_OPT_EXT: SMALL_JVM }),
    });
    const config = { ...this.#brokerConfig, brokerIP1: host, listenPort: brokerPort };
    const content = Object.entries(config).map(([key, value]) => `${key}=${value}\n`);
    // Writable: updateBrokerConfig saves what it changes.
    this.withCopyContentToContainer([{ content: content.join(''), target: CONFIG_FILE, mode: 0o666 }]);
    this.withCommand(['sh', '-c', COMMAND]);
  }

  #publish(host: string, ports: readonly { container: number; host: number }[]): void {
    this.withExposedPorts(...ports);
    if (host !== LOOPBACK) return;
    // withExposedPorts opens them to the network.
    const bindings = ports.map((port) => [
      `${port.container}/tcp`,
      [{ HostIp: LOOPBACK, HostPort: String(port.host) }],
    ]);
    Object.assign(this.hostConfig, {
      PortBindings: { ...this.hostConfig.PortBindings, ...Object.fromEntries(bindings) },
    });
  }
}

/** A running RocketMQ. `await using`, or `stop()`, removes it. */
export class StartedRocketMQContainer extends AbstractStartedContainer {
  /** `host:port` of the name server: what a client's option of that name takes. */
  readonly nameServers: string;
  /** `host:port` of the broker, as the name server tells it to clients. */
  readonly brokerAddress: string;
  readonly #permission: number;

  /** Made by `RocketMQContainer.start()`. */
  constructor(
    container: StartedTestContainer,
    nameServers: string,
    broker: { address: string; permission: number },
  ) {
    super(container);
    this.nameServers = nameServers;
    this.brokerAddress = broker.address;
    this.#permission = broker.permission;
  }

  /** Restarts name server and broker on the same ports, with the same store. */
  override async restart(options?: Partial<RestartOptions>): Promise<void> {
    await super.restart(options);
    await this.untilRegistered();
  }

  /**
   * Runs one mqadmin command in the container (a JVM: seconds) and returns what it printed. It exits with 0 even when
   * it fails; the text is all there is to judge by.
   */
  async mqadmin(args: readonly string[]): Promise<string> {
    const { output } = await this.exec(['sh', 'mqadmin', ...args]);
    return output;
  }

  /** Waits until the name server lists the broker at its address; rejects after 20 s. */
  async untilRegistered(): Promise<void> {
    // Writing this key, with the value it has, is what makes a broker register at once.
    const remind = async (): Promise<string> =>
      this.mqadmin([
        'updateBrokerConfig',
        '-b',
        `${LOOPBACK}:${this.brokerAddress.split(':').at(-1)}`,
        '-k',
        'brokerPermission',
        '-v',
        String(this.#permission),
      ]);
    if (await untilRegistered(this.nameServers, this.brokerAddress, remind)) return;
    throw new Error(
      `the broker is up, but after 20 s the name server ${this.nameServers} does not list it at ` +
        `${this.brokerAddress}: see the container's log, and any namesrvAddr or brokerIP1 given to withBrokerConfig()`,
    );
  }
}

/** `brokerIP1` must be a number: it also becomes the store host in every offset message id. */
async function numericAddress(host: string): Promise<string> {
  if (host === 'localhost' || host === '::1') return LOOPBACK;
  const { address } = await lookup(host, { family: 4 });
  return address;
}
