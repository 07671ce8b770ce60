import type { ListenerCall } from '../cached-message.ts';
import type { PushContext } from '../consumer-context.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import type { SendBack } from './send-back.ts';

/** Calls of one queue that are ended in one look. Java: `ProcessQueue.cleanExpiredMsg`. */
const MOST = 16;

/** Java sends an expired message back with this delay level. */
const DELAY_LEVEL = 3;

/** How long a listener may take. */
export interface ListenerLimits {
  /** Ms until its messages are given back. */
  readonly consumeTimeout: number;
  /** Ms until it is worth a warning; 0 is never. */
  readonly listenerStalledAfter: number;
}

/** What a listener that has been at work for `running` ms is taken for. Pure. */
export function judgeListener(running: number, limits: ListenerLimits): 'atWork' | 'stalled' | 'expired' {
  if (running > limits.consumeTimeout) return 'expired';
  return limits.listenerStalledAfter > 0 && running > limits.listenerStalledAfter ? 'stalled' : 'atWork';
}

/** How often listeners have to be looked at so that limits are kept to a tenth, in ms. Pure. */
export function lookInterval({ consumeTimeout, listenerStalledAfter }: ListenerLimits): number {
  const shortest = Math.min(consumeTimeout, listenerStalledAfter || consumeTimeout);
  return Math.max(100, Math.min(10_000, Math.floor(shortest / 10)));
}

/**
 * Ends listeners that do not end: after `consumeTimeout` the messages go back to the broker, to come again, the place among the running
 * listeners is free, and what the listener brings later is void. Java: `ConsumeMessageConcurrentlyService.cleanExpireMsg`, which looks at
 * the first messages of a queue alone, and keeps the thread.
 */
export class ConsumeTimeout {
  readonly #consumer: PushContext;
  readonly #limits: ListenerLimits;
  readonly #sendBack: SendBack;
  readonly #letGo: (call: ListenerCall) => void;

  /** @param letGo is to free the place of a call */
  constructor(
    consumer: PushContext,
    limits: ListenerLimits,
    sendBack: SendBack,
    letGo: (call: ListenerCall) => void,
  ) {
    this.#consumer = consumer;
    this.#limits = limits;
    this.#sendBack = sendBack;
    this.#letGo = letGo;
  }

  /** One look at the listeners of these queues. */
  look(queues: readonly OwnedQueue[]): void {
    const now = this.#consumer.clock.uptime();
    for (const owned of queues) {
      let ended = 0;
      for (const call of owned.process.calls()) {
        const verdict = judgeListener(now - call.began, this.#limits);
        // Those that follow may have begun before: messages that are tried again here.
        if (verdict === 'atWork') continue;
        this.#report(owned, call, now - call.began);
        if (verdict === 'stalled' || call.isReturning || !owned.isConsumable) continue;
        if (ended++ === MOST) break;
        void this.#end(owned, call, now - call.began);
      }
    }
  }

  #report(owned: OwnedQueue, call: ListenerCall, running: number): void {
    const { consumeTimeout, listenerStalledAfter } = this.#limits;
    if (call.isReported || listenerStalledAfter === 0) return;
    call.isReported = true;
    const messageIds = idsOf(call);
    const then =
      consumeTimeout === Infinity ? 'the queue waits for it' : `after ${consumeTimeout} ms it is given back`;
    const message = `A listener of ${owned.key} is at work on message ${messageIds.join(', ')} for ${Math.round(running)} ms; ${then}`;
    this.#consumer.emit('warning', {
      kind: 'listenerStalled',
      queue: owned.queue,
      messageIds,
      running,
      message,
    });
  }

  async #end(owned: OwnedQueue, call: ListenerCall, running: number): Promise<void> {
    this.#letGo(call);
    call.isReturning = true;
    const failures = await Promise.all(
      call.batch
        .filter(({ done }) => !done)
        .map(async (entry) => {
          const failure = await this.#sendBack.send(owned, entry.message, DELAY_LEVEL);
          if (failure !== undefined) return failure;
          this.#consumer.stats.sentBack(owned.queue.topic);
          owned.process.complete(entry);
          return undefined;
        }),
    );
    call.isReturning = false;
    if (owned.isEnded && call.isOver) for (const entry of call.batch) owned.process.abandon(entry);
    const returned = failures.every((failure) => failure === undefined);
    this.#consumer.emit('consumeTimeout', {
      queue: owned.queue,
      messageIds: idsOf(call),
      running,
      returned,
    });
    owned.settled();
  }
}

const idsOf = ({ batch }: ListenerCall): string[] => batch.map(({ message }) => message.messageId);
