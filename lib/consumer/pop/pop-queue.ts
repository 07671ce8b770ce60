import type { ReceiptHandle } from '../../../protocol/message/pop.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { queueKey, type MessageQueue } from '../../../protocol/model/message-queue.ts';
import { IllegalStateError } from '../../errors.ts';
import { UserNames } from '../../instance/user-names.ts';
import { StateMachine } from '../../runtime/state-machine.ts';
import type { ConsumeContext } from '../listener.ts';

/** A message that is hidden from the others until it is acknowledged, or until its time is up. */
export interface HeldMessage {
  readonly message: ReceivedMessage;
  readonly queue: PopQueue;
  /** Size of its record. */
  readonly bytes: number;
  /** Its receipt; another one after its invisible time was changed. */
  handle: ReceiptHandle;
  /** By the clock's uptime: from then on the broker gives it to others. */
  expiresAt: number;
}

/** active: popped from. leaving: no more, what was popped is consumed. ended: whatever comes now is void. */
export type PopQueueState = 'active' | 'leaving' | 'ended';

/**
 * What this member pops from: all queues of a broker (id -1), or one of them. Unlike an owned queue it is nobody's alone, it has no position, and what
 * was popped stays this member's until its time is up. Java: `PopProcessQueue`.
 */
export class PopQueue {
  readonly queue: MessageQueue;
  readonly key: string;
  readonly context: ConsumeContext;
  /** Clock's `now`, for GET_CONSUMER_RUNNING_INFO. */
  lastPopAt = 0;
  /** The same by the clock's uptime, for the watchdog, which calls a pop a pull. */
  pullBegan = 0;
  /** Messages that were left in the queues, by the last pop. */
  rest = 0;
  /** Whether the last pop failed. */
  isFailing = false;
  /** Messages that came again to somebody because their time was up here. */
  expired = 0;
  /** Listeners at work, and failed messages that are being given back. */
  running = 0;
  /** Messages that listeners are at work on. */
  readonly atWork = new Set<HeldMessage>();
  readonly #state: StateMachine<PopQueueState>;
  readonly #end = new AbortController();
  #held = 0;
  #bytes = 0;
  #onRoom: (() => void) | undefined;
  #onIdle: (() => void) | undefined;

  /** @param namespace that users do not see in the names of their context */
  constructor(queue: MessageQueue, consumerGroup: string, namespace?: string) {
    const names = new UserNames(namespace);
    this.queue = queue;
    this.key = queueKey(queue);
    this.context = {
      consumerGroup: names.short(consumerGroup),
      queue: names.shortQueue(queue),
      signal: this.#end.signal,
      commit: () => refuse('commit'),
      rollback: () => refuse('rollback'),
    };
    this.#state = new StateMachine<PopQueueState>(`Pop queue ${this.key}`, 'active', {
      active: ['leaving', 'ended'],
      leaving: ['ended'],
      ended: [],
    });
  }

  get state(): PopQueueState {
    return this.#state.state;
  }

  get isEnded(): boolean {
    return this.#state.state === 'ended';
  }

  /** Aborted at the end. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Messages popped whose fate is not decided. Java: `waitAckCounter`. */
  get held(): number {
    return this.#held;
  }

  /** Bytes of their records. */
  get heldBytes(): number {
    return this.#bytes;
  }

  hold(entry: HeldMessage): void {
    this.#held++;
    this.#bytes += entry.bytes;
  }

  /** The fate of this message is decided. */
  letGo(entry: HeldMessage): void {
    this.#held--;
    this.#bytes -= entry.bytes;
    this.mayPopAgain();
    this.idle();
  }

  /** What kept it from being popped may be over. */
  mayPopAgain(): void {
    const room = this.#onRoom;
    this.#onRoom = undefined;
    room?.();
  }

  /** Asks to be told when a message was let go, or a pause is over. */
  whenRoom(run: () => void): void {
    this.#onRoom = run;
  }

  /** Called when a listener is through: tells who waits for the last. */
  idle(): void {
    if (this.running > 0) return;
    this.#onIdle?.();
    this.#onIdle = undefined;
  }

  /** Nothing more is popped. */
  leave(): void {
    if (this.#state.is('active')) this.#state.to('leaving');
    this.#onRoom = undefined;
  }

  /** Resolves when no listener is at work. */
  async drained(): Promise<void> {
    if (this.running === 0 || this.isEnded) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  end(): void {
    if (this.isEnded) return;
    this.#state.to('ended');
    this.#onRoom = undefined;
    this.#end.abort();
  }
}

/** Messages that are popped are acknowledged one by one; there is nothing to commit. */
function refuse(what: string): never {
  throw new IllegalStateError(`context.${what}`, 'not available', 'messageRequestMode pull');
}
