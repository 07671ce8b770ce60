import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { JavaPrograms, JavaProcess } from '../java.ts';
import { ConsumptionLog } from './consumption-log.ts';
import { eventually } from './eventually.ts';
import type { MemberOptions, MortalSeat } from './member.ts';

/** The lines of `rmq.GroupMember`. */
type JavaEvent =
  | { readonly event: 'started'; readonly clientId: string }
  | { readonly event: 'queues'; readonly queues: readonly string[] }
  | {
      readonly event: 'message';
      readonly at: number;
      readonly queue: string;
      readonly offset: number;
      readonly body: string;
    }
  | { readonly event: 'stopped' };

/** A member of Java's own client, in a JVM of its own. The body of a message is its key. */
export class JavaMember implements MortalSeat {
  /** What it owns by its own table, as `broker:id`. */
  queues: readonly string[] = [];
  readonly #programs: JavaPrograms;
  readonly #mainClass: string;
  #child: JavaProcess | undefined;
  #clientId: string | undefined;
  #errors = '';

  /** @param mainClass `rmq.GroupMember` is a push consumer, `rmq.LiteMember` a lite pull consumer, which does not tell its queues */
  constructor(programs: JavaPrograms, mainClass: 'rmq.GroupMember' | 'rmq.LiteMember' = 'rmq.GroupMember') {
    this.#programs = programs;
    this.#mainClass = mainClass;
  }

  async join(options: MemberOptions): Promise<string> {
    const { nameServers, group, topic, strategy = 'averagely', instanceName = '', popFor } = options;
    const log = new ConsumptionLog(options.log);
    // Short runs on few cores: no optimising compiler.
    const jvmArgs = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m'];
    // Its brokers have to know that the group pops; its invisible time is the default, 60 s.
    const args = [
      nameServers,
      group,
      topic,
      strategy,
      instanceName,
      ...(popFor === undefined ? [] : ['pop']),
    ];
    const child = this.#programs.spawnJava(this.#mainClass, args, { jvmArgs });
    this.#child = child;
    this.#clientId = undefined;
    child.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString('utf8')));
    createInterface({ input: child.stdout })
      .on('line', (line) => this.#hear(JSON.parse(line) as JavaEvent, log))
      .once('close', () => log.close());
    return eventually(() => this.#clientId, {
      what: 'start of the Java member',
      within: 30_000,
      otherwise: () => this.#errors,
    });
  }

  async leave(): Promise<void> {
    await this.#end((child) => child.stdin.end('stop\n'));
  }

  async kill(): Promise<void> {
    await this.#end((child) => child.kill('SIGKILL'));
  }

  /** `close` comes when all it printed has been read. */
  async #end(end: (child: JavaProcess) => unknown): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const closed = once(child, 'close');
    end(child);
    await closed;
    this.queues = [];
  }

  #hear(event: JavaEvent, log: ConsumptionLog): void {
    if (event.event === 'started') this.#clientId = event.clientId;
    if (event.event === 'queues') this.queues = event.queues;
    if (event.event === 'message') {
      const { at, queue, offset, body } = event;
      log.consumed({ at, key: body, queue, offset, member: this.#clientId ?? 'java' });
    }
  }
}
