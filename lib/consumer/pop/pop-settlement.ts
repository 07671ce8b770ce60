import type { PoppedRecord } from '../../api/pop-message.ts';
import type { Verdict } from '../consume/consume-result.ts';
import { failedEvent } from '../consume/failed-event.ts';
import type { ConsumeFailedEvent } from '../events.ts';
import type { PopAcker } from './pop-acker.ts';
import type { PopContext } from './pop-context.ts';
import type { PopGiveBack } from './pop-give-back.ts';
import type { HeldMessage, PopQueue } from './pop-queue.ts';
import { judgePopped, popDelay } from './pop-verdict.ts';

type BadRecord = Extract<PoppedRecord, { ok: false }>;

/** What is done with popped messages after their listener, or instead of it. Java: `ConsumeMessagePopConcurrentlyService.processConsumeResult`. */
export class PopSettlement {
  readonly #consumer: PopContext;
  readonly #acker: PopAcker;
  readonly #giveBack: PopGiveBack;

  constructor(consumer: PopContext, acker: PopAcker, giveBack: PopGiveBack) {
    this.#consumer = consumer;
    this.#acker = acker;
    this.#giveBack = giveBack;
  }

  /** Whether the broker may have given the message to somebody else. Java compares the broker's clock with its own; here the time since the answer counts. */
  isOver(entry: HeldMessage): boolean {
    return this.#consumer.clock.uptime() >= entry.expiresAt;
  }

  /** Drops a message whose time was up: it comes again, to this member or another. `phase`: before its listener began, or while it was at work. */
  dropOver(entry: HeldMessage, phase: 'waiting' | 'listener'): void {
    const { stats, emit, options } = this.#consumer;
    const { queue, message } = entry;
    queue.expired++;
    stats.void(queue.queue.topic, 1);
    const { messageId } = message;
    emit('popExpired', {
      queue: queue.queue,
      messageId,
      phase,
      invisibleTime: options.popInvisibleTime,
    });
    queue.letGo(entry);
  }

  /** Done: it does not come again. */
  done(entry: HeldMessage): void {
    this.#acker.ack(entry);
    entry.queue.letGo(entry);
  }

  /** Tells of a failed message, in the order of failures. */
  tell({ message, queue }: HeldMessage, action: ConsumeFailedEvent['action'], error?: unknown): void {
    const { stats, emit } = this.#consumer;
    stats.failed(queue.queue.topic, 1);
    emit('consumeFailed', failedEvent(queue.queue, message, action, error));
  }

  /** A failed message is hidden for a while, or goes to the dead-letter queue. Resolves when the broker has answered; never rejects. */
  async failed(entry: HeldMessage, verdict: Verdict): Promise<void> {
    const { options, stats } = this.#consumer;
    const { reconsumeTimes } = entry.message;
    const judged = judgePopped(verdict, reconsumeTimes, options);
    const isBuried = judged.kind === 'deadLetter' && (await this.#giveBack.bury(entry));
    if (!isBuried) {
      const ms = judged.kind === 'hide' ? judged.ms : popDelay(options.popDelayLevels, 0, reconsumeTimes);
      await this.#giveBack.hide(entry, ms);
    }
    stats.sentBack(entry.queue.queue.topic);
    entry.queue.letGo(entry);
  }

  /** To the dead-letter queue; if that fails the message is still held, and false is returned. Never rejects. */
  async buryOrKeep(entry: HeldMessage): Promise<boolean> {
    if (!(await this.#giveBack.bury(entry))) return false;
    this.#consumer.stats.sentBack(entry.queue.queue.topic);
    entry.queue.letGo(entry);
    return true;
  }

  /** A message that was delivered too often already: to the dead-letter queue without another try. Never rejects. */
  async bury(entry: HeldMessage): Promise<void> {
    await this.failed(entry, { done: false, delayLevel: -1 });
  }

  /** A record that cannot be read: acknowledged if such are to be skipped and its place is known, else it comes again when its time is up. */
  undecodable(queue: PopQueue, { queueId, queueOffset, error, handle }: BadRecord): void {
    const { options, stats, emit, clock } = this.#consumer;
    const isSkipped = options.undecodable === 'skip' && handle !== undefined;
    stats.undecodable(queue.queue.topic);
    emit('undecodable', {
      queue: { ...queue.queue, queueId: queueId ?? queue.queue.queueId },
      queueOffset: queueOffset ?? -1,
      error,
      action: isSkipped ? 'skipped' : 'left',
    });
    if (isSkipped) this.#acker.ack({ queue, handle, expiresAt: clock.uptime() + handle.invisibleTime });
  }

  /** A message that this member will not consume: others get it as soon as the broker can. Never rejects. */
  async release(entry: HeldMessage): Promise<void> {
    await this.#giveBack.hide(entry, RELEASED);
    entry.queue.letGo(entry);
  }

  /** Keeps a message for another `popInvisibleTime`. False if the broker could not be told. Never rejects. */
  async keep(entry: HeldMessage): Promise<boolean> {
    return this.#giveBack.hide(entry, this.#consumer.options.popInvisibleTime);
  }
}

/** How long a message that is given back stays hidden, in ms. */
const RELEASED = 1;
