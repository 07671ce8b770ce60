import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reapFolder } from './reaper.ts';

/** 4.9 reads its log configuration from these files below ROCKETMQ_HOME and fails without them. */
const LOGBACK_FILES = ['logback_namesrv.xml', 'logback_broker.xml', 'logback_tools.xml'];
const LOGBACK_OFF = '<configuration><root level="OFF"/></configuration>\n';

export type Properties = Readonly<Record<string, string | number | boolean>>;

/** A temporary folder that serves as ROCKETMQ_HOME and user.home of one cluster's processes. */
export class RocketMQHome {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<RocketMQHome> {
    const home = new RocketMQHome(await mkdtemp(join(tmpdir(), 'rocketmq-remoting-')));
    reapFolder(home.path);
    await home.folder('tmp');
    for (const file of LOGBACK_FILES) await home.write(join('conf', file), LOGBACK_OFF);
    return home;
  }

  /** A folder below the home; made if it is not there. */
  async folder(name: string): Promise<string> {
    const path = join(this.path, name);
    await mkdir(path, { recursive: true });
    return path;
  }

  async write(name: string, content: string): Promise<string> {
    const path = join(this.path, name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, content);
    return path;
  }

  async writeProperties(name: string, properties: Properties): Promise<string> {
    const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`);
    return this.write(name, lines.join(''));
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
