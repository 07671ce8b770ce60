import type { RocketMQVersion } from './jars.ts';
import { freePort } from './ports.ts';
import type { RocketMQHome } from './rocketmq-home.ts';
import { RocketMQProcess, StartError } from './rocketmq-process.ts';

export interface RealNameServerOptions {
  readonly version: RocketMQVersion;
  readonly jars: string;
  readonly home: RocketMQHome;
}

/** A name server process; its port stays the same over any number of restarts. */
export class RealNameServer {
  readonly address: string;
  readonly #process: RocketMQProcess;

  private constructor(address: string, process: RocketMQProcess) {
    this.address = address;
    this.#process = process;
  }

  static async launch(options: RealNameServerOptions): Promise<RealNameServer> {
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      const server = new RealNameServer(`127.0.0.1:${port}`, await nameServerProcess(options, port));
      try {
        await server.start();
        return server;
      } catch (error) {
        if (attempt === 3 || !(error instanceof StartError && error.portTaken)) throw error;
      }
    }
  }

  get running(): boolean {
    return this.#process.running;
  }

  start(): Promise<void> {
    return this.#process.start();
  }

  stop(signal?: NodeJS.Signals): Promise<void> {
    return this.#process.stop(signal);
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  freeze(): void {
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }
}

async function nameServerProcess(options: RealNameServerOptions, port: number): Promise<RocketMQProcess> {
  const { version, jars, home } = options;
  const folder = await home.folder(`namesrv-${port}`);
  const file = await home.writeProperties(`conf/namesrv-${port}.conf`, {
    listenPort: port,
    kvConfigPath: `${folder}/kvConfig.json`,
    configStorePath: `${folder}/namesrv.properties`,
  });
  return new RocketMQProcess(
    `name server (RocketMQ ${version}, port ${port})`,
    {
      jars,
      home: home.path,
      mainClass: 'org.apache.rocketmq.namesrv.NamesrvStartup',
      args: ['-c', file],
      jvmOptions: [
        '-Xms64m',
        '-Xmx256m',
        '-XX:MaxDirectMemorySize=256m',
        '-Drmq.logback.configurationFile=rmq.namesrv.logback.xml',
      ],
    },
    'The Name Server boot success',
  );
}
