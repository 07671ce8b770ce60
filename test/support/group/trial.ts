import type { TestCluster } from '../real/test-cluster.ts';
import { BrokerView, disagreement, notPulled } from './broker-view.ts';
import { eventually } from './eventually.ts';
import { Ledger, type Account, type Repeat } from './ledger.ts';
import { STRATEGIES, type MemberOptions, type MortalSeat, type Seat, type StrategyOption } from './member.ts';
import { SteadyProducer } from './steady-producer.ts';

export type ChangeKind = 'first' | 'join' | 'leave' | 'kill';

/** A change of membership, and how long the group took over it. */
export interface Change {
  readonly kind: ChangeKind;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds until every queue had exactly one owner again, the right one. */
  readonly owned: number;
  /** Milliseconds until that owner had also pulled it. */
  readonly settled: number;
  /** Milliseconds until the stored offset of every queue had moved on from where it stood at that moment; 0 if that was not awaited. */
  readonly moved: number;
}

export interface TrialOptions {
  readonly name: string;
  /** Messages per second. */
  readonly rate: number;
  /** `persistConsumerOffsetInterval` of our members, ms; default the client's (5 s). */
  readonly commitInterval?: number;
  /** Whether a change is over only when all stored offsets have moved on. Default yes; Java's members commit too rarely for that. */
  readonly awaitOffsets?: boolean;
  readonly strategy?: StrategyOption;
  /** How long our listeners take over a message, ms; default 0. */
  readonly work?: number;
  /** Milliseconds to wait for a group to settle; more than what is asserted, so that the figure is known. Default 30 s. */
  readonly patience?: number;
}

const POLL = 20;

/** A group under a steady producer whose membership changes, judged by what the broker says. */
export class Trial implements AsyncDisposable {
  readonly view: BrokerView;
  readonly producer: SteadyProducer;
  readonly changes: Change[] = [];
  /** Stored offsets that were seen to fall: `queue: from -> to`. */
  readonly fallen: string[] = [];
  readonly #options: TrialOptions;
  readonly #ledger = new Ledger();
  readonly #present = new Map<Seat, string>();
  #offsets: ReadonlyMap<string, number> = new Map();

  private constructor(view: BrokerView, options: TrialOptions) {
    this.view = view;
    this.#options = options;
    this.producer = new SteadyProducer(view.nameServers, view.topic, options.rate);
  }

  static async start(cluster: TestCluster, options: TrialOptions): Promise<Trial> {
    const trial = new Trial(await BrokerView.create(cluster, options.name), options);
    await trial.producer.start();
    return trial;
  }

  /** Client id of a member that is there. */
  idOf(seat: Seat): string {
    const id = this.#present.get(seat);
    if (id === undefined) throw new Error('this seat has not joined');
    return id;
  }

  has(seat: Seat): boolean {
    return this.#present.has(seat);
  }

  async join(seat: Seat, instanceName?: string): Promise<Change> {
    const kind = this.#present.size === 0 ? 'first' : 'join';
    return this.#change(kind, this.#present.size + 1, async () => {
      this.#present.set(seat, await seat.join(this.#memberOptions(instanceName)));
    });
  }

  async leave(seat: Seat): Promise<Change> {
    const leaving = this.idOf(seat);
    this.#present.delete(seat);
    return this.#change('leave', this.#present.size, async () => seat.leave(), leaving);
  }

  async kill(seat: MortalSeat): Promise<Change> {
    const leaving = this.idOf(seat);
    this.#present.delete(seat);
    return this.#change('kill', this.#present.size, async () => seat.kill(), leaving);
  }

  /** How many queues each member holds, by the members' own answers to the broker, sorted. */
  async shares(): Promise<number[]> {
    const held = await eventually(
      async () => {
        const { members, held } = await this.view.snapshot();
        return members.every((member) => held.has(member)) ? held : undefined;
      },
      { what: 'an answer of every member' },
    );
    return [...held.values()].map(({ length }) => length).sort((a, b) => a - b);
  }

  /** Ends the producer, waits until everything is consumed, and adds up; then the members leave. */
  async finish(): Promise<Account> {
    await this.producer.stop();
    const account = await this.#ledger.settle(this.producer.acknowledged);
    await Promise.all([...this.#present.keys()].map(async (seat) => seat.leave()));
    this.#present.clear();
    return account;
  }

  /** Repeats that came after a change of that kind and before the next change. */
  repeatsAfter(kind: ChangeKind, { repeats }: Account): readonly Repeat[] {
    return repeats.filter(({ again }) => this.changes.findLast(({ at }) => at <= again.at)?.kind === kind);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.producer[Symbol.asyncDispose]();
    // Processes end with their own handle; members of this process are left running only by a test that failed.
    const own = [...this.#present.keys()].filter((seat) => !('kill' in seat));
    await Promise.all(own.map(async (seat) => seat.leave()));
    await this.view[Symbol.asyncDispose]();
    this.#ledger[Symbol.dispose]();
  }

  async #change(
    kind: ChangeKind,
    members: number,
    act: () => Promise<void>,
    leaving?: string,
  ): Promise<Change> {
    const at = Date.now();
    const began = performance.now();
    const [, settling] = await Promise.all([act(), this.#settled(members, began, leaving)]);
    const moved = this.#options.awaitOffsets === false ? 0 : await this.#moved(began);
    const change = { kind, at, ...settling, moved };
    this.changes.push(change);
    return change;
  }

  async #settled(
    members: number,
    began: number,
    leaving: string | undefined,
  ): Promise<Pick<Change, 'owned' | 'settled'>> {
    const strategy = STRATEGIES[this.#options.strategy ?? 'averagely'];
    let owned: number | undefined;
    let reason: string | undefined;
    return eventually(
      async () => {
        const snapshot = await this.view.snapshot(leaving);
        const listed = snapshot.members.length === members;
        reason = listed ? undefined : `the broker lists ${snapshot.members.join(', ')}`;
        reason ??= disagreement(this.view, snapshot, strategy);
        if (reason === undefined) owned ??= performance.now() - began;
        else owned = undefined;
        reason ??= notPulled(snapshot);
        return reason === undefined && owned !== undefined
          ? { owned, settled: performance.now() - began }
          : undefined;
      },
      {
        what: `agreement of ${members} members`,
        within: this.#options.patience ?? 30_000,
        every: POLL,
        otherwise: () => reason ?? '',
      },
    );
  }

  async #moved(began: number): Promise<number> {
    const before = await this.#storedOffsets();
    let still: readonly string[] = [];
    return eventually(
      async () => {
        const now = await this.#storedOffsets();
        still = [...now]
          .filter(([queue, offset]) => offset <= (before.get(queue) ?? 0))
          .map(([queue]) => queue);
        return still.length === 0 ? performance.now() - began : undefined;
      },
      { what: 'movement of all stored offsets', every: POLL, otherwise: () => `not of ${still.join(', ')}` },
    );
  }

  async #storedOffsets(): Promise<ReadonlyMap<string, number>> {
    const offsets = await this.view.storedOffsets();
    for (const [queue, offset] of offsets) {
      const last = this.#offsets.get(queue) ?? 0;
      if (offset < last) this.fallen.push(`${queue}: ${last} -> ${offset}`);
    }
    this.#offsets = offsets;
    return offsets;
  }

  #memberOptions(instanceName: string | undefined): MemberOptions {
    const { commitInterval, strategy, work } = this.#options;
    const { nameServers, group, topic } = this.view;
    return {
      nameServers,
      group,
      topic,
      log: this.#ledger.newLog(),
      ...(commitInterval !== undefined && { commitInterval }),
      ...(work !== undefined && { work }),
      ...(strategy !== undefined && { strategy }),
      ...(instanceName !== undefined && { instanceName }),
    };
  }
}
