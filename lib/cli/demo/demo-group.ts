import type { Clock } from '../../runtime/clock.ts';
import { withTimeout } from '../../runtime/clock.ts';
import { deferred } from '../../runtime/deferred.ts';
import { DemoMember } from './demo-member.ts';
import type { DemoState, MemberRow } from './demo-state.ts';
import { HandOver } from './hand-over.ts';
import type { MemberMessage, MemberSettings } from './member-messages.ts';

/** The consumer processes of the demo: started, killed, and waited for until they have shared the queues. */
export class DemoGroup {
  readonly #settings: Omit<MemberSettings, 'instanceName'>;
  readonly #state: DemoState;
  readonly #clock: Clock;
  readonly #members = new Map<string, DemoMember>();
  readonly #failure = new AbortController();
  #waiting: { readonly handOver: HandOver; readonly over: (at: number) => void } | undefined;

  constructor(settings: Omit<MemberSettings, 'instanceName'>, state: DemoState) {
    this.#settings = settings;
    this.#state = state;
    this.#clock = state.clock;
  }

  /** Starts a process; it joins the group as soon as it is up. */
  start(instanceName: string): void {
    const row = this.#state.addMember(instanceName);
    const member = new DemoMember({ ...this.#settings, instanceName }, (message) =>
      this.#heard(row, message),
    );
    this.#members.set(instanceName, member);
    member.failed.catch((error: unknown) => this.#failure.abort(error));
  }

  /** Aborted when a process ends that should not. */
  get failure(): AbortSignal {
    return this.#failure.signal;
  }

  /** Kills a process. What it said before its end still counts. */
  kill(name: string): void {
    this.#members.get(name)?.kill();
    for (const row of this.#rows(name)) this.#state.gone(row, 'killed');
  }

  /**
   * Does something that changes the group, and resolves when every queue is owned by one of the members that are left, and
   * consumed by it. Answers with the milliseconds this took from the moment before the change.
   */
  async change(what: () => void, timeout: number, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    const before = this.#state.board.soleOwners();
    const began = this.#clock.now();
    what();
    const over = deferred<number>();
    this.#waiting = { handOver: new HandOver(began, this.#alive(), before), over: over.resolve };
    using deadline = withTimeout(this.#clock, timeout, signal, () => this.#unsettled(timeout));
    deadline.signal.addEventListener('abort', () => over.reject(deadline.signal.reason), { once: true });
    try {
      return (await over.promise) - began;
    } finally {
      this.#waiting = undefined;
    }
  }

  /** Has all members leave the group, and waits until their processes have ended. */
  async leave(): Promise<void> {
    await Promise.all([...this.#members.values()].map(async (member) => member.leave()));
  }

  #heard(row: MemberRow, message: MemberMessage): void {
    if (message.kind === 'started' && row.condition === 'starting') row.condition = 'running';
    if (message.kind === 'rebalanced' && row.condition !== 'killed') {
      this.#waiting?.handOver.rebalanced(message.at);
      this.#state.owns(row.name, message.owned);
    }
    if (message.kind === 'consumed') this.#consumed(row, message);
    const { handOver, over } = this.#waiting ?? {};
    const end = handOver?.endedAt(this.#state.board);
    if (end !== undefined) over?.(end);
  }

  #consumed(row: MemberRow, { at, messages }: Extract<MemberMessage, { kind: 'consumed' }>): void {
    for (const [sequence, queueId] of messages) {
      this.#state.ledger.consume(sequence);
      this.#waiting?.handOver.consumed(row.name, queueId, at);
    }
    row.consumed += messages.length;
    row.rate.add(this.#clock.now(), messages.length);
  }

  #alive(): string[] {
    return this.#state.members.flatMap(({ name, condition }) =>
      condition === 'starting' || condition === 'running' ? [name] : [],
    );
  }

  #rows(name: string): MemberRow[] {
    return this.#state.members.filter((row) => row.name === name);
  }

  #unsettled(timeout: number): Error {
    const shares = this.#alive().map(
      (name) => `${name} ${this.#state.board.ownedBy(name).join(' ') || 'none'}`,
    );
    return new Error(
      `After ${Math.round(timeout / 1_000)} s the queues are not shared out and consumed; owned by ${shares.join(', ')}`,
    );
  }
}
