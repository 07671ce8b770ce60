import { queueKey, type MessageQueue } from '../../protocol/model/message-queue.ts';
import { UserNames } from '../instance/user-names.ts';
import type { Clock } from '../runtime/clock.ts';
import { StateMachine } from '../runtime/state-machine.ts';
import { IllegalStateError } from '../errors.ts';
import type { FlowVerdict } from './flow-control.ts';
import type { ConsumeContext } from './listener.ts';
import type { QueueLock } from './lock/queue-lock.ts';
import { ProcessQueue } from './process-queue.ts';

/**
 * starting: the first offset is being found. active: pulled from and consumed. stopped: a message could not be read,
 * nothing after it is delivered. draining: given up, running listeners may finish. ended: whatever comes now is void.
 */
export type OwnershipState = 'starting' | 'active' | 'stopped' | 'draining' | 'ended';

/** What `commit` and `rollback` of a listener's context do, where the user commits. */
export interface ManualCommit {
  commit(): void;
  rollback(): void;
}

/**
 * Why a queue is not being pulled from at the moment. paused: by the user's order. notLocked: the lock that it needs is not sure. tooMany…, spanTooWide: enough is cached.
 * brokerBusy: the broker asks for less (FLOW_CONTROL). pullFailing: pulls fail and are tried again.
 */
export type PullHold = Exclude<FlowVerdict, 'pull'> | 'brokerBusy' | 'pullFailing';

/**
 * One ownership of one queue, from assignment to revocation.
 *
 * RocketMQ's group protocol has no epochs, so this object is one: an answer, a listener's result or a commit that belongs to an
 * ownership which has ended finds it ended, and has no effect on a later ownership of the same queue.
 */
export class OwnedQueue {
  readonly queue: MessageQueue;
  readonly key: string;
  readonly context: ConsumeContext;
  /** The broker's highest offset as of the last pull. */
  brokerMaxOffset = 0;
  /** What the broker has stored for us, as far as we know. */
  committed: number | undefined;
  /** Clock's `now`, for GET_CONSUMER_RUNNING_INFO. */
  lastPullAt = 0;
  lastConsumeAt = 0;
  /** The same by the clock's uptime, for the watchdog. */
  pullBegan = 0;
  /** Why nothing is pulled at the moment. */
  hold: PullHold | undefined;
  /** Messages that were begun with and not committed when the queue was given up. */
  repeats = 0;
  /** The broker's lock, where one is needed and was asked for. */
  lock: QueueLock | undefined;
  /** Where the user commits: set before the first message is delivered. */
  manual: ManualCommit | undefined;
  /** Set by the pull loop: pulls anew, and the answer to the pull under way counts for nothing. */
  pullAgain: () => void = () => {};

  readonly #state: StateMachine<OwnershipState>;
  readonly #end = new AbortController();
  #process = new ProcessQueue(0);
  #hasBegun = false;
  #knownAt = Infinity;
  #onKnown: (() => void)[] = [];
  #onIdle: (() => void)[] = [];
  #drained: Promise<void> | undefined;
  #onRoom: (() => void) | undefined;
  /** What to do with messages that wait to be tried again here, when the queue is given up. */
  readonly #retries = new Set<() => void>();

  /** @param namespace that users do not see in the names of their context */
  constructor(queue: MessageQueue, consumerGroup: string, namespace?: string) {
    this.queue = queue;
    this.key = queueKey(queue);
    const names = new UserNames(namespace);
    this.context = {
      consumerGroup: names.short(consumerGroup),
      queue: names.shortQueue(queue),
      signal: this.#end.signal,
      commit: () => this.#commitOrRollBack('commit'),
      rollback: () => this.#commitOrRollBack('rollback'),
    };
    this.#state = new StateMachine<OwnershipState>(`Queue ${this.key}`, 'starting', {
      starting: ['active', 'ended', 'draining'],
      active: ['stopped', 'draining', 'ended'],
      stopped: ['draining', 'ended'],
      draining: ['ended'],
      ended: [],
    });
  }

  get state(): OwnershipState {
    return this.#state.state;
  }

  get process(): ProcessQueue {
    return this.#process;
  }

  get isEnded(): boolean {
    return this.#state.state === 'ended';
  }

  /** Whether messages may be handed to listeners. */
  get isConsumable(): boolean {
    const { state } = this.#state;
    return state === 'active' || state === 'stopped';
  }

  /** The same, and no lock stands against it. */
  get mayDeliver(): boolean {
    return this.isConsumable && this.isLocked;
  }

  /** Whether the lock may be relied on; true where none is needed. */
  get isLocked(): boolean {
    return this.lock === undefined || this.lock.isTrusted;
  }

  /** Aborted when the ownership ends. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** When it was last asked whether the queue is this member's, and how far it is done; by the clock's uptime. */
  get knownAt(): number {
    return this.#knownAt;
  }

  set knownAt(uptime: number) {
    this.#knownAt = uptime;
    this.#tellKnown();
  }

  /** Resolves when that is asked the next time, or the ownership ends. */
  async askedAgain(): Promise<void> {
    if (this.isEnded) return;
    await new Promise<void>((resolve) => this.#onKnown.push(resolve));
  }

  #tellKnown(): void {
    const told = this.#onKnown;
    this.#onKnown = [];
    for (const run of told) run();
  }

  /** The offset to commit: the lowest that is not done. Nothing before the first offset is known. */
  get commitOffset(): number | undefined {
    return this.#hasBegun ? this.#process.commitOffset : undefined;
  }

  /** What remains to be consumed, by the last pull's answer. */
  get lag(): number {
    return Math.max(0, this.brokerMaxOffset - this.#process.commitOffset);
  }

  /** The first offset is known; from here on the queue can be pulled. */
  begin(firstOffset: number, committed: number | undefined): void {
    this.#process = new ProcessQueue(firstOffset);
    this.#hasBegun = true;
    this.committed = committed;
    this.#state.to('active');
  }

  /** Delivers nothing more; what was delivered may finish and be committed. */
  stop(): void {
    if (this.#state.is('active')) this.#state.to('stopped');
  }

  /** Called by the pull loop: asks to be told when something was consumed, or may be pulled again. */
  whenRoom(run: () => void): void {
    this.#onRoom = run;
  }

  /** Called after a message is done or given up. */
  settled(): void {
    this.mayPullAgain();
    if (this.#process.running > 0 || this.#onIdle.length === 0) return;
    const idle = this.#onIdle;
    this.#onIdle = [];
    for (const run of idle) run();
  }

  /** Resolves when no listener is at work on a message of this ownership; its end does not matter. */
  async idle(): Promise<void> {
    if (this.#process.running === 0) return;
    await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** The pull loop, if it waits, is to look again whether it may go on. */
  mayPullAgain(): void {
    const room = this.#onRoom;
    if (room === undefined) return;
    this.#onRoom = undefined;
    room();
  }

  /** Runs `again` after a while, or `giveUp` as soon as the queue is given up. */
  retryLater(clock: Clock, ms: number, giveUp: () => void, again: () => void): void {
    const timer = clock.timer(ms, () => {
      this.#retries.delete(cancel);
      if (this.isConsumable) again();
      else giveUp();
      this.settled();
    });
    const cancel = (): void => {
      timer.cancel();
      giveUp();
    };
    this.#retries.add(cancel);
  }

  /** No listener is given anything from now on. Resolves when the running ones are through, for all who ask. */
  async drain(): Promise<void> {
    if (this.isEnded) return;
    this.#drained ??= this.#drain();
    await this.#drained;
  }

  /** What comes now belongs to nobody. */
  end(): void {
    if (this.isEnded) return;
    this.#giveUpRetries();
    // A last commit that failed leaves out what it would have covered, too.
    const missed = this.#process.commitOffset - (this.committed ?? this.#process.commitOffset);
    this.repeats = this.#process.uncovered + Math.max(0, missed);
    this.#state.to('ended');
    this.#onRoom = undefined;
    this.#tellKnown();
    this.#end.abort();
  }

  async #drain(): Promise<void> {
    this.#state.to('draining');
    this.#process.discardWaiting();
    this.#giveUpRetries();
    if (this.#process.running === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle.push(resolve);
      this.#end.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  #commitOrRollBack(what: keyof ManualCommit): void {
    if (this.manual === undefined)
      throw new IllegalStateError(
        `context.${what}`,
        'not available',
        'consumeMode orderly, autoCommit false',
      );
    if (!this.isEnded) this.manual[what]();
  }

  #giveUpRetries(): void {
    for (const cancel of this.#retries) cancel();
    this.#retries.clear();
  }
}
