import { BrokerView } from '../support/group/broker-view.ts';
import { eventually } from '../support/group/eventually.ts';
import type { TestCluster } from '../support/real/test-cluster.ts';
import { pause } from './closed-loop.ts';
import { GroupProcess, type MemberProgram } from './group-process.ts';
import type { MemberLine } from './member-lines.ts';
import { SteadyProcess } from './steady-process.ts';

const QUEUES = 8;

/** Milliseconds between two looks at the broker's list of members. */
const POLL = 5;

/** Seconds of calm after each change. */
const CALM = 1.2;

/** How the planned changes of one group went. */
export interface HandoverResult {
  readonly acknowledged: number;
  /** Acknowledged messages per second while members came and went: less than was asked for on a busy machine. */
  readonly perSecond: number;
  /** Acknowledged and consumed by nobody. */
  readonly lost: number;
  /** Messages that were consumed again. */
  readonly repeats: number;
  /** By join, ms from the moment at which the broker lists the joiner to its first message. */
  readonly joins: readonly number[];
  /** By change, the longest time that a queue that changed hands was consumed by nobody, ms. */
  readonly pauses: readonly number[];
}

/** A group of two under load, of which one joins and leaves again and again. */
export class HandoverTrial {
  readonly #program: MemberProgram;
  readonly #view: BrokerView;
  readonly #producer = new SteadyProcess();
  readonly #rate: number;
  readonly #members = new Set<GroupProcess>();
  /** `queue:offset`. */
  readonly #places = new Set<string>();
  readonly #bodies = new Set<string>();
  /** By queue, who consumed it last, and when. */
  readonly #last = new Map<string, { readonly member: string; readonly at: number }>();
  readonly #firsts = new Map<string, number>();
  #repeats = 0;
  #longestPause = 0;
  #names = 0;

  private constructor(program: MemberProgram, view: BrokerView, rate: number) {
    this.#program = program;
    this.#view = view;
    this.#rate = rate;
  }

  /** @param changes joins and leaves, an even number */
  static async run(
    cluster: TestCluster,
    program: MemberProgram,
    { rate, changes }: { readonly rate: number; readonly changes: number },
  ): Promise<HandoverResult> {
    const view = await BrokerView.create(cluster, `Handover_${program.client}`, QUEUES);
    const trial = new HandoverTrial(program, view, rate);
    try {
      return await trial.#run(changes);
    } finally {
      for (const member of trial.#members) member.kill();
      await trial.#producer[Symbol.asyncDispose]();
      await view[Symbol.asyncDispose]();
    }
  }

  async #run(changes: number): Promise<HandoverResult> {
    const first = this.#spawn();
    await this.#untilHeard(first);
    const { nameServers, topic } = this.#view;
    const began = performance.now();
    await this.#producer.start({ nameServers, topic, rate: this.#rate });
    await eventually(() => (this.#last.size === QUEUES ? true : undefined), {
      what: 'consumption of all queues',
      within: 60_000,
    });
    await pause(CALM);
    const joins: number[] = [];
    const pauses: number[] = [];
    for (let change = 0; change < changes; change += 2) {
      this.#longestPause = 0;
      const joiner = this.#spawn();
      const listed = await this.#listed(2);
      joins.push((await this.#untilHeard(joiner)) - listed);
      await pause(CALM);
      pauses.push(this.#longestPause);
      this.#longestPause = 0;
      this.#members.delete(joiner);
      joiner.stop();
      await joiner.gone();
      await pause(CALM);
      pauses.push(this.#longestPause);
    }
    const keys = await this.#producer.stop();
    const perSecond = Math.round((keys.length * 1_000) / (performance.now() - began));
    const missing = (): number => keys.filter((key) => !this.#bodies.has(key)).length;
    for (let look = 0; look < 100 && missing() > 0; look++) await pause(0.2);
    // Repeats would come at once.
    await pause(1);
    for (const member of this.#members) member.stop();
    await Promise.all([...this.#members].map(async (member) => member.gone()));
    return { acknowledged: keys.length, perSecond, lost: missing(), repeats: this.#repeats, joins, pauses };
  }

  #spawn(): GroupProcess {
    const { nameServers, group, topic } = this.#view;
    const member: GroupProcess = new GroupProcess(
      this.#program,
      { nameServers, group, topic },
      `m${++this.#names}`,
      (line) => this.#hear(member.name, line),
    );
    this.#members.add(member);
    return member;
  }

  #hear(member: string, line: MemberLine): void {
    const known = this.#firsts.has(member);
    if (line.event === 'started' && this.#places.size === 0) this.#firsts.set(member, line.at);
    if (line.event !== 'message') return;
    const { queue, at, offset, body } = line;
    if (!known) this.#firsts.set(member, at);
    const place = `${queue.slice(queue.lastIndexOf(':') + 1)}:${offset}`;
    if (this.#places.has(place)) this.#repeats++;
    this.#places.add(place);
    this.#bodies.add(body);
    const before = this.#last.get(queue);
    if (before !== undefined && before.member !== member)
      this.#longestPause = Math.max(this.#longestPause, at - before.at);
    if (before === undefined || before.at <= at) this.#last.set(queue, { member, at });
  }

  /** When the member got its first message, or, of an empty topic, when it had started. */
  async #untilHeard({ name }: GroupProcess): Promise<number> {
    return eventually(() => this.#firsts.get(name), {
      what: `first message of ${name}`,
      within: 60_000,
      otherwise: () => [...this.#members].map((member) => `${member.name}:\n${member.errors}`).join('\n'),
    });
  }

  async #listed(members: number): Promise<number> {
    await eventually(
      async () => {
        const ids = await this.#view.members().catch((): readonly string[] => []);
        return ids.length === members ? true : undefined;
      },
      { what: `a list of ${members} members`, within: 30_000, every: POLL },
    );
    return Date.now();
  }
}
