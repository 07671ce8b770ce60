import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { randomInteger, seededRandom, type Random } from '../../lib/runtime/random.ts';
import { checkHistory, type Report, type SendCounts } from '../history/checker.ts';
import type { HistoryEvent } from '../history/event.ts';
import { FileHistory, readHistories } from '../history/history.ts';
import { checkPopHistory } from '../history/pop-checker.ts';
import type { CheckLimits } from '../history/timeline.ts';
import { ChaosProcess, clientIdOf, LOCK_LIFE, type ChaosMode } from './chaos-process.ts';
import type { ChaosTarget, TargetOptions } from './chaos-target.ts';

/** A run of chaos. */
export interface ChaosOptions {
  readonly open: (options: TargetOptions) => Promise<ChaosTarget>;
  /** How long the nemesis is at work. Default 60. */
  readonly seconds?: number;
  readonly seed?: number;
  readonly consumers?: number;
  readonly producers?: number;
  /** Messages per second and producer. Default 50. */
  readonly rate?: number;
  /** Of all consumers. Default immediate. */
  readonly mode?: ChaosMode;
  /** What the nemesis does. Default all that the target allows. */
  readonly only?: readonly Blow[];
}

/** After the last blow the group has this long to consume everything, ms: a broker that came back is found within 30 s. */
const MOST_QUIET = 60_000;

/** What the checker says of a run. */
type Verdict = Pick<Report, 'violations' | 'text'> & { readonly counts: SendCounts };

const TOPIC = 'ChaosTopic';
const GROUP = 'ChaosGroup';

/** Runs producers, consumers and a nemesis that strikes every 1 to 3 s, then waits in quiet, and judges what happened. */
export async function runChaos({
  open,
  seconds = 60,
  seed = 1,
  mode = 'immediate',
  only,
  ...options
}: ChaosOptions): Promise<Verdict & { readonly blows: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'rocketmq-chaos-'));
  const target = await open({ topic: TOPIC, group: GROUP, history: join(folder, 'cluster.jsonl') });
  const run = new ChaosRun(folder, target, seededRandom(seed), { mode, only });
  try {
    await run.begin(options);
    await run.strike(seconds * 1_000);
    await run.quieten();
    const crash = mode === 'immediate' ? 5_000 : LOCK_LIFE + 5_000;
    const limits = {
      skew: 30,
      convergence: 5_000,
      crash,
      grace: target.foundAgain,
      route: 40_000,
      progress: 15_000,
    };
    return { ...judge(run.events(), mode, limits), blows: run.blows };
  } finally {
    await run.end();
    await target[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is popped has no owner, nor a stored position: there it is acknowledgements that count. */
const judge = (events: readonly HistoryEvent[], mode: ChaosMode, limits: Partial<CheckLimits>): Verdict =>
  mode === 'pop' ? checkPopHistory(events, false, limits) : checkHistory(events, limits);

/** `leave` is one that leaves and another that joins. */
export type Blow = 'kill' | 'stop' | 'broker' | 'nameServer' | 'disconnect' | 'leave';

const BLOWS: readonly Blow[] = ['kill', 'stop', 'broker', 'nameServer', 'leave', 'disconnect'];

class ChaosRun {
  readonly blows: string[] = [];
  readonly #folder: string;
  readonly #target: ChaosTarget;
  readonly #random: Random;
  readonly #mode: ChaosMode;
  readonly #blows: readonly Blow[];
  readonly #history: FileHistory;
  readonly #consumers = new Set<ChaosProcess>();
  readonly #producers: ChaosProcess[] = [];
  readonly #healing = new Set<Promise<void>>();
  readonly #down = new Set<string>();
  #names = 0;

  constructor(
    folder: string,
    target: ChaosTarget,
    random: Random,
    { mode, only = BLOWS }: { readonly mode: ChaosMode; readonly only?: readonly Blow[] | undefined },
  ) {
    this.#folder = folder;
    this.#target = target;
    this.#random = random;
    this.#mode = mode;
    this.#blows = only;
    this.#history = new FileHistory(join(folder, 'nemesis.jsonl'));
  }

  async begin({ consumers = 3, producers = 1, rate = 50 }: Omit<ChaosOptions, 'open'>): Promise<void> {
    const { brokers, queues } = this.#target;
    const all = brokers.flatMap((broker) => Array.from({ length: queues }, (_, id) => `${broker}:${id}`));
    this.#history.record({ process: 'nemesis', op: 'queues', topic: TOPIC, queues: all });
    await Promise.all(Array.from({ length: consumers }, async () => this.#join()));
    for (let index = 0; index < producers; index++)
      this.#producers.push(await this.#spawn('producer', `p${index}`, rate));
  }

  async strike(ms: number): Promise<void> {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      await delay(1_000 + this.#random.next() * 2_000);
      const blow = this.#choose();
      this.blows.push(blow);
      await this.#apply(blow);
    }
    await Promise.all(this.#healing);
  }

  /** Nothing is sent any more; resolves when everything acknowledged was consumed, or the time is over. */
  async quieten(): Promise<void> {
    await Promise.all(this.#producers.map(async (producer) => producer.end()));
    const end = performance.now() + MOST_QUIET;
    do await delay(2_000);
    while (this.#unfinished() > 0 && performance.now() < end);
    // Repeats would come at once.
    await delay(3_000);
    this.#history.record({ process: 'nemesis', op: 'quiet' });
    await Promise.all([...this.#consumers].map(async (consumer) => consumer.end()));
  }

  events(): ReturnType<typeof readHistories> {
    return readHistories(readdirSync(this.#folder).map((name) => join(this.#folder, name)));
  }

  async end(): Promise<void> {
    await Promise.all([...this.#consumers, ...this.#producers].map(async (process) => process.kill()));
    this.#history[Symbol.dispose]();
  }

  /** Acknowledged messages that no listener has finished: such as wait in the retry topic for their delay, and for a broker that came back. */
  #unfinished(): number {
    const quiet = { at: Infinity, process: 'nemesis', op: 'quiet' } as const;
    return checkHistory([...this.events(), quiet]).counts.lost;
  }

  #choose(): Blow {
    return this.#blows[randomInteger(this.#random, this.#blows.length)] ?? 'kill';
  }

  async #apply(blow: Blow): Promise<void> {
    const consumer = [...this.#consumers][randomInteger(this.#random, this.#consumers.size)];
    const broker = this.#target.brokers[randomInteger(this.#random, this.#target.brokers.length)] ?? '';
    if (blow === 'kill' && consumer !== undefined) await this.#kill(consumer);
    else if (blow === 'leave' && consumer !== undefined) this.#heal(this.#replace(consumer));
    else if (blow === 'stop' && consumer !== undefined) this.#heal(this.#freeze(consumer));
    else if (blow === 'disconnect')
      await this.#during('connectionReset', async () => this.#target.disconnect(broker));
    else if (blow === 'broker') this.#heal(this.#restart(broker));
    else if (blow === 'nameServer') this.#heal(this.#restart('name-server'));
  }

  #heal(work: Promise<void>): void {
    this.#healing.add(work);
    void work.finally(() => this.#healing.delete(work));
  }

  async #kill(consumer: ChaosProcess): Promise<void> {
    this.#consumers.delete(consumer);
    await consumer.kill();
    this.#history.record({ process: consumer.clientId, op: 'down', phase: 'ok', kind: 'crash' });
    this.#heal(delay(1_000).then(async () => this.#join()));
  }

  async #replace(consumer: ChaosProcess): Promise<void> {
    this.#consumers.delete(consumer);
    await Promise.all([consumer.end(), this.#join()]);
  }

  async #freeze(consumer: ChaosProcess): Promise<void> {
    await this.#during('freeze', async () => {
      consumer.signal('SIGSTOP');
      await delay(5_000);
      if (!consumer.isOver) consumer.signal('SIGCONT');
    });
  }

  async #restart(server: string): Promise<void> {
    if (this.#down.has(server)) return;
    this.#down.add(server);
    const target = this.#target;
    const isBroker = server !== 'name-server';
    await this.#during(isBroker ? 'brokerRestart' : 'nameServerGone', async () => {
      await (isBroker ? target.stopBroker(server) : target.stopNameServer());
      await delay(1_000 + this.#random.next() * 2_000);
      await (isBroker ? target.startBroker(server) : target.startNameServer());
    });
    this.#down.delete(server);
  }

  async #during(kind: string, work: () => Promise<void>): Promise<void> {
    const about = { process: 'nemesis', kind, id: ++this.#names };
    this.#history.record({ ...about, op: 'fault+' });
    await work();
    this.#history.record({ ...about, op: 'fault-' });
  }

  /** A service that cannot start is started again. */
  async #join(): Promise<void> {
    for (let tries = 0; tries < 10; tries++) {
      const name = `c${++this.#names}`;
      try {
        this.#consumers.add(await this.#spawn('consumer', name));
        return;
      } catch {
        this.#history.record({ process: clientIdOf(name), op: 'down', phase: 'ok', kind: 'crash' });
        await delay(500);
      }
    }
  }

  async #spawn(role: 'consumer' | 'producer', name: string, rate?: number): Promise<ChaosProcess> {
    const { nameServers, addressMap } = this.#target;
    const history = join(this.#folder, `${name}.jsonl`);
    const order = {
      role,
      name,
      history,
      nameServers,
      ...(addressMap !== undefined && { addressMap }),
      topic: TOPIC,
      group: GROUP,
      mode: this.#mode,
      ...(rate !== undefined && { rate }),
    };
    return (await ChaosProcess.spawn(order)).process;
  }
}
