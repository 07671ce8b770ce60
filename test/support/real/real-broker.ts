import { freeBrokerPort } from './ports.ts';
import type { Properties, RocketMQHome } from './rocketmq-home.ts';
import { requestRegistration, untilRegistered } from './registration.ts';
import { RocketMQProcess, StartError } from './rocketmq-process.ts';
import { TEST_BROKER } from './broker-config.ts';
import type { RocketMQVersion } from './jars.ts';

export interface RealBrokerOptions {
  readonly name: string;
  readonly version: RocketMQVersion;
  readonly nameServers: string;
  readonly jars: string;
  readonly home: RocketMQHome;
  readonly config: Properties;
  readonly jvmOptions: readonly string[];
}

/** A broker process on a port and a store of its own; both stay the same over any number of restarts. */
export class RealBroker {
  readonly name: string;
  readonly address: string;
  /** 0 is a master, anything above a slave of the master with the same name. */
  readonly id: number;
  readonly #nameServers: string;
  readonly #process: RocketMQProcess;

  private constructor(options: RealBrokerOptions, port: number, process: RocketMQProcess) {
    this.name = options.name;
    this.id = Number(options.config['brokerId'] ?? 0);
    this.address = `127.0.0.1:${port}`;
    this.#nameServers = options.nameServers;
    this.#process = process;
  }

  /** Starts a broker on a free port; one that another program takes meanwhile costs a second try. */
  static async launch(options: RealBrokerOptions): Promise<RealBroker> {
    for (let attempt = 1; ; attempt++) {
      const port = await freeBrokerPort();
      const broker = new RealBroker(options, port, await brokerProcess(options, port));
      try {
        await broker.start();
        return broker;
      } catch (error) {
        await broker.kill();
        if (attempt === 3 || !(error instanceof StartError && error.portTaken)) throw error;
      }
    }
  }

  get running(): boolean {
    return this.#process.running;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Resolves when the broker answers and every name server that answers lists it. */
  async start(): Promise<void> {
    await this.#process.start();
    await untilRegistered(this, this.#nameServers.split(';'));
  }

  /** Makes the broker register now; by itself it does so every 10 s, so a restarted name server knows nothing for a while. */
  register(): Promise<void> {
    return requestRegistration(this.address);
  }

  /** TERM by default: the broker unregisters from the name servers and closes its store. */
  stop(signal?: NodeJS.Signals): Promise<void> {
    return this.#process.stop(signal);
  }

  /** As a crash: the name servers notice the closed connection, the store is recovered at the next start. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** Connections stay open and nothing answers, as behind a dead network link. */
  freeze(): void {
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }
}

async function brokerProcess(options: RealBrokerOptions, port: number): Promise<RocketMQProcess> {
  const { name, version, home, config } = options;
  // The key is part of the folder: a slave shares its master's broker name.
  const store = await home.folder(`store-${name}-${port}`);
  const file = await home.writeProperties(`conf/${name}-${port}.conf`, {
    ...TEST_BROKER,
    namesrvAddr: options.nameServers,
    brokerName: name,
    listenPort: port,
    haListenPort: port + 1,
    storePathRootDir: store,
    // 4.9 does not derive the second from the first.
    storePathCommitLog: `${store}/commitlog`,
    ...config,
  });
  return new RocketMQProcess(
    `broker ${name} (RocketMQ ${version}, port ${port})`,
    {
      jars: options.jars,
      home: home.path,
      mainClass: 'org.apache.rocketmq.broker.BrokerStartup',
      args: ['-c', file],
      jvmOptions: [
        '-Xms128m',
        '-Xmx512m',
        '-XX:MaxDirectMemorySize=512m',
        '-Drmq.logback.configurationFile=rmq.broker.logback.xml',
        ...options.jvmOptions,
      ],
    },
    'boot success',
  );
}
