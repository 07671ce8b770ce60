import { BrokerView } from '../support/group/broker-view.ts';
import { eventually } from '../support/group/eventually.ts';
import { SteadyProducer } from '../support/group/steady-producer.ts';
import type { TestCluster } from '../support/real/test-cluster.ts';
import { pause } from './closed-loop.ts';
import { GroupProcess } from './group-process.ts';
import type { MemberProgram } from './group-process.ts';
import type { MemberLine } from './member-lines.ts';

const QUEUES = 8;
/** A step is over when no queue has changed hands for so long, ms. */
const CALM = 1000;
const PATIENCE = 40_000;
/** Milliseconds between two looks at the broker's list of members. */
const POLL = 5;

interface Consumption {
  readonly at: number;
  readonly member: string;
  readonly queue: number;
  /** It had been consumed before, by whomever. */
  readonly again: boolean;
}

/** How a group took a change; all times in ms. */
export interface Step {
  /** From the change until the joiner's first message; `undefined` if nobody joined. */
  readonly first?: number;
  /** From the change until every queue that changes hands was consumed by its new owner, and by nobody else after. */
  readonly settled: number;
  /** The same two, from the moment at which the broker's list of members showed the change. */
  readonly listedToFirst?: number;
  readonly listedToSettled: number;
  /** The longest time that a queue that changed hands was consumed by nobody. */
  readonly longestPause: number;
  /** Messages that were consumed again. */
  readonly repeats: number;
}

export interface TrialOptions {
  /** Messages per second. */
  readonly rate: number;
  /** Seconds of calm, on top of the one that every step ends with, before a member leaves or is killed. */
  readonly settle: number;
}

export interface TrialResult {
  /** From the start of the process of the first member until it had loaded the client and until it had started it; Java does not tell the first. */
  readonly spawnToLoaded?: number;
  readonly spawnToStarted?: number;
  /** From the start of the process to the first message of the first member of a new group. */
  readonly spawnToFirst: number;
  readonly joins: readonly Step[];
  readonly leave: Step;
  readonly kill: Step;
  /** Acknowledged messages that nobody consumed. */
  readonly lost: number;
}

/** A group of one client under a steady producer: one starts, one joins and leaves again, one joins and is killed. */
export class GroupTrial {
  readonly #program: MemberProgram;
  readonly #view: BrokerView;
  readonly #producer: SteadyProducer;
  readonly #members = new Set<GroupProcess>();
  readonly #consumptions: Consumption[] = [];
  readonly #bodies = new Set<string>();
  readonly #places = new Set<string>();
  readonly #said = new Map<MemberLine['event'], number>();
  readonly #settle: number;
  #named = 0;

  private constructor(program: MemberProgram, view: BrokerView, { rate, settle }: TrialOptions) {
    this.#program = program;
    this.#view = view;
    this.#settle = settle;
    this.#producer = new SteadyProducer(view.nameServers, view.topic, rate);
  }

  static async run(
    cluster: TestCluster,
    program: MemberProgram,
    options: TrialOptions,
  ): Promise<TrialResult> {
    const view = await BrokerView.create(cluster, `Group_${program.client}`, QUEUES);
    const trial = new GroupTrial(program, view, options);
    try {
      return await trial.#run();
    } finally {
      for (const member of trial.#members) member.kill();
      await trial.#producer[Symbol.asyncDispose]();
      await view[Symbol.asyncDispose]();
    }
  }

  async #run(): Promise<TrialResult> {
    await this.#producer.start();
    const spawnedAt = Date.now();
    const alone = await this.#change(() => this.#spawn());
    const [loaded, started] = [this.#said.get('loaded'), this.#said.get('started')];
    const firstJoin = await this.#change(() => this.#spawn());
    await pause(this.#settle);
    const leave = await this.#change(() => this.#last((member) => member.stop()));
    const secondJoin = await this.#change(() => this.#spawn());
    await pause(this.#settle);
    const kill = await this.#change(() => this.#last((member) => member.kill()));
    await this.#producer.stop();
    const keys = [...this.#producer.acknowledged.keys()];
    const missing = (): number => keys.filter((key) => !this.#bodies.has(key)).length;
    for (let look = 0; look < 20 && missing() > 0; look++) await pause(0.2);
    for (const member of this.#members) {
      member.stop();
      await Promise.race([member.gone(), pause(5)]);
    }
    return {
      ...(loaded !== undefined && { spawnToLoaded: loaded - spawnedAt }),
      ...(started !== undefined && { spawnToStarted: started - spawnedAt }),
      spawnToFirst: alone.first ?? Number.NaN,
      joins: [firstJoin, secondJoin],
      leave,
      kill,
      lost: missing(),
    };
  }

  #spawn(): GroupProcess {
    const { nameServers, group, topic } = this.#view;
    const member: GroupProcess = new GroupProcess(
      this.#program,
      { nameServers, group, topic },
      `m${++this.#named}`,
      (line) => {
        if (!this.#said.has(line.event)) this.#said.set(line.event, line.at);
        if (line.event !== 'message') return;
        const queue = Number(line.queue.slice(line.queue.lastIndexOf(':') + 1));
        const place = `${queue}:${line.offset}`;
        this.#consumptions.push({
          at: line.at,
          member: member.name,
          queue,
          again: this.#places.has(place),
        });
        this.#places.add(place);
        this.#bodies.add(line.body);
      },
    );
    this.#members.add(member);
    return member;
  }

  #last(end: (member: GroupProcess) => void): undefined {
    const member = [...this.#members].at(-1);
    if (member === undefined) return;
    this.#members.delete(member);
    end(member);
  }

  /** Makes a change and waits until the shares are even and stay so. */
  async #change(act: () => GroupProcess | undefined): Promise<Step> {
    const before = this.#owners();
    const from = this.#consumptions.length;
    const at = Date.now();
    const joiner = act();
    const list = this.#watchList(this.#members.size);
    try {
      await eventually(() => (this.#isCalm() ? true : undefined), {
        what: `even shares of ${this.#members.size} ${this.#program.client} members`,
        within: PATIENCE,
        every: 50,
        otherwise: () => `${JSON.stringify([...this.#owners()])} ${joiner?.errors ?? ''}`,
      });
    } finally {
      list.stop();
    }
    const listedAt = (await list.reached) ?? at;
    return this.#step({ before, from, at, listedAt, joiner });
  }

  #step(change: {
    before: ReadonlyMap<number, string>;
    from: number;
    at: number;
    listedAt: number;
    joiner: GroupProcess | undefined;
  }): Step {
    const { before, from, at, listedAt, joiner } = change;
    const since = this.#consumptions.slice(from);
    const first = since.find(({ member }) => member === joiner?.name)?.at;
    const moved = [...this.#owners()].filter(([queue, owner]) => before.get(queue) !== owner);
    const handovers = moved.map(([queue, owner]) => {
      const own = this.#consumptions.filter((consumption) => consumption.queue === queue);
      const last = own.findLastIndex(({ member }) => member !== owner);
      return { before: own[last]?.at ?? at, after: own[last + 1]?.at ?? at };
    });
    const settledAt = Math.max(...handovers.map(({ after }) => after));
    return {
      ...(first !== undefined && { first: first - at, listedToFirst: first - listedAt }),
      settled: settledAt - at,
      listedToSettled: settledAt - listedAt,
      longestPause: Math.max(...handovers.map((handover) => handover.after - handover.before)),
      repeats: since.filter(({ again }) => again).length,
    };
  }

  /** Who consumed each queue last. */
  #owners(): ReadonlyMap<number, string> {
    return new Map(this.#consumptions.map(({ queue, member }) => [queue, member]));
  }

  #isCalm(): boolean {
    const owners = this.#owners();
    const fair = QUEUES / this.#members.size;
    const even = [...this.#members].every(
      ({ name }) => [...owners.values()].filter((owner) => owner === name).length === fair,
    );
    const now = Date.now();
    const recent = this.#consumptions.filter(({ at }) => now - at < CALM);
    const served = new Set(recent.map(({ queue }) => queue)).size === QUEUES;
    return even && served && recent.every(({ queue, member }) => owners.get(queue) === member);
  }

  /** Notes when the broker's list of members first has that length. */
  #watchList(length: number): { readonly reached: Promise<number | undefined>; stop(): void } {
    const watching = new AbortController();
    const watch = async (): Promise<number | undefined> => {
      while (!watching.signal.aborted) {
        // A group that nobody ever joined is an error to ask for.
        const members = await this.#view.members().catch((): readonly string[] => []);
        if (members.length === length) return Date.now();
        await pause(POLL / 1000);
      }
      return undefined;
    };
    return { reached: watch(), stop: () => watching.abort() };
  }
}
