import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import type { RocketMQError } from '../../errors.ts';
import type { PushContext } from '../consumer-context.ts';
import type { ConsumeFailedEvent } from '../events.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import type { CachedMessage } from '../process-queue.ts';
import { failedEvent } from './failed-event.ts';
import type { OrderlyQueue } from './orderly-queue.ts';
import { clampRest, type OrderlyVerdict } from './orderly-verdict.ts';
import type { SendBack } from './send-back.ts';
import { warnNoHandler } from './warn-no-handler.ts';

/** What becomes of messages after their listener in orderly mode: done, held, again after a rest, or given away. Java: `ConsumeMessageOrderlyService.processConsumeResult`. */
export class OrderlySettlement {
  /** How long a queue rests, in ms, unless its listener says. */
  readonly rest: number;
  readonly #consumer: PushContext;
  readonly #sendBack: SendBack;
  readonly #offer: (owned: OwnedQueue) => void;

  /** @param offer a queue that has rested may go on */
  constructor(consumer: PushContext, sendBack: SendBack, offer: (owned: OwnedQueue) => void) {
    this.#consumer = consumer;
    this.#sendBack = sendBack;
    this.#offer = offer;
    this.rest = clampRest(consumer.options.suspendCurrentQueueTimeMillis);
  }

  /** A listener of the queue is through. Returns nothing if that is all, else what is still to be done. Never rejects. */
  settle(
    queue: OrderlyQueue,
    batch: readonly CachedMessage[],
    verdict: OrderlyVerdict,
    error?: unknown,
  ): Promise<void> | undefined {
    queue.isAtWork = false;
    if (this.#isVoid(queue, batch)) return undefined;
    const { autoCommit } = this.#consumer.options;
    if (verdict.kind === 'suspend') {
      const done = Math.max(0, (verdict.ackIndex ?? -1) + 1);
      queue.pass(batch.slice(0, done), autoCommit);
      const failed = batch.slice(done);
      this.#tell(queue, failed, 'suspended', error);
      return this.#tryAgain(queue, failed, verdict.rest);
    }
    if (verdict.kind === 'deadLetter') {
      this.#tell(queue, batch, 'sentBack', error);
      return this.#giveAway(queue, batch, [], async ({ message }) =>
        this.#sendBack.send(queue.owned, message, -1),
      );
    }
    if (verdict.kind === 'rollback') {
      queue.putBack(batch);
      queue.wanted = 'rollback';
    } else queue.pass(batch, autoCommit);
    if (verdict.kind === 'commit') queue.wanted = 'commit';
    this.grantWish(queue, verdict.kind === 'rollback' ? verdict.rest : this.rest);
    return undefined;
  }

  /** Does what the user asked for while the listener ran. */
  grantWish(queue: OrderlyQueue, rest = this.rest): void {
    const { wanted } = queue;
    queue.wanted = undefined;
    if (wanted === 'commit') queue.commit();
    else if (wanted === 'rollback') {
      queue.rollback();
      this.#letRest(queue, rest);
    }
  }

  /** What comes after the end of an ownership counts for nobody. */
  #isVoid({ owned }: OrderlyQueue, batch: readonly CachedMessage[]): boolean {
    if (!owned.isEnded) return false;
    for (const entry of batch) owned.process.abandon(entry);
    this.#consumer.stats.void(owned.queue.topic, batch.length);
    return true;
  }

  #tell(
    { owned: { queue } }: OrderlyQueue,
    batch: readonly CachedMessage[],
    action: ConsumeFailedEvent['action'],
    thrown?: unknown,
  ): void {
    const { stats, emit } = this.#consumer;
    stats.failed(queue.topic, batch.length);
    for (const { message } of batch) emit('consumeFailed', failedEvent(queue, message, action, thrown));
  }

  /** The messages come again after a rest; those that have come too often go to the dead-letter queue. */
  #tryAgain(queue: OrderlyQueue, batch: readonly CachedMessage[], rest: number): Promise<void> | undefined {
    const { maxReconsumeTimes } = this.#consumer.options;
    const most = maxReconsumeTimes === -1 ? Infinity : maxReconsumeTimes;
    const exhausted = batch.filter(({ message }) => message.reconsumeTimes >= most);
    const again = batch.filter(({ message }) => message.reconsumeTimes < most);
    for (const { message } of again) countTry(message);
    if (exhausted.length > 0)
      return this.#giveAway(
        queue,
        exhausted,
        again,
        async ({ message }) => this.#sendBack.sendExhausted(queue.owned, message),
        rest,
      );
    if (again.length > 0) this.#comeAgain(queue, again, rest);
    else this.grantWish(queue);
    return undefined;
  }

  /** Another member's subscription, or one of an earlier version of this service. Acknowledging would lose it, waiting would stop the queue. */
  async sendBackForeign(queue: OrderlyQueue, batch: readonly CachedMessage[]): Promise<void> {
    const { owned } = queue;
    for (const { message } of batch) warnNoHandler(this.#consumer, owned, message);
    await this.#giveAway(queue, batch, [], async ({ message }) => this.#sendBack.send(owned, message, 0));
  }

  /** Sends messages away; those that cannot be sent come again here, with those of `again`. */
  async #giveAway(
    queue: OrderlyQueue,
    batch: readonly CachedMessage[],
    again: readonly CachedMessage[],
    send: (entry: CachedMessage) => Promise<RocketMQError | undefined>,
    rest = this.rest,
  ): Promise<void> {
    const kept = [...again];
    const sent: CachedMessage[] = [];
    for (const entry of batch) {
      const failure = await send(entry);
      if (failure === undefined) sent.push(entry);
      else {
        countTry(entry.message);
        kept.push(entry);
      }
    }
    if (this.#isVoid(queue, [...sent, ...kept])) return;
    this.#consumer.stats.sentBack(queue.owned.queue.topic);
    for (const entry of sent) queue.owned.process.complete(entry);
    this.grantWish(queue);
    if (kept.length > 0) this.#comeAgain(queue, kept, rest);
  }

  #comeAgain(queue: OrderlyQueue, batch: readonly CachedMessage[], rest: number): void {
    queue.putBack(batch.toSorted((one, other) => one.offset - other.offset));
    this.grantWish(queue, rest);
    this.#letRest(queue, rest);
  }

  #letRest(queue: OrderlyQueue, rest: number): void {
    const { owned } = queue;
    if (queue.isResting || !owned.isConsumable) return;
    queue.isResting = true;
    const end = (): void => void (queue.isResting = false);
    owned.retryLater(this.#consumer.clock, rest, end, () => {
      end();
      this.#offer(owned);
    });
  }
}

/** Only counted here: the broker's copy knows nothing of it. */
function countTry(message: ReceivedMessage): void {
  message.withReconsumeTimes(message.reconsumeTimes + 1);
}
