import { popRealTopic } from '../../../protocol/message/pop.ts';
import { RocketMQError } from '../../errors.ts';
import { popAddress, type PopContext } from './pop-context.ts';
import type { PopAcker } from './pop-acker.ts';
import type { HeldMessage } from './pop-queue.ts';

/** Gives popped messages back that are not done: to come again after a while, or to the dead-letter queue. */
export class PopGiveBack {
  readonly #consumer: PopContext;
  readonly #acker: PopAcker;

  constructor(consumer: PopContext, acker: PopAcker) {
    this.#consumer = consumer;
    this.#acker = acker;
  }

  /**
   * Hides a message for `ms` from now on; then it comes to any member. False if the broker could not be told: then it comes when its present time is
   * up. Never rejects. Java: `changePopInvisibleTimeAsync`.
   */
  async hide(entry: HeldMessage, ms: number): Promise<boolean> {
    const { pop, consumerGroup, clock } = this.#consumer;
    const { handle, queue } = entry;
    const { topic } = queue.queue;
    const began = clock.uptime();
    try {
      const address = popAddress(this.#consumer, handle.brokerName);
      entry.handle = await pop.changeInvisibleTime(address, {
        consumerGroup,
        topic,
        handle,
        invisibleTime: ms,
      });
      entry.expiresAt = began + ms;
      return true;
    } catch (error) {
      this.#warn(
        entry,
        error,
        'invisibleTimeFailed',
        'could not be hidden anew, and comes again when its time is up',
      );
      return false;
    }
  }

  /**
   * Has the broker put a message into the dead-letter queue of the group, then acknowledges it. False if that failed: the message is still held.
   * Never rejects. Java's clients do not do this; its proxy: `ReceiptHandleProcessor`, `ForwardMessageToDLQ`.
   */
  async bury(entry: HeldMessage): Promise<boolean> {
    const { api, consumerGroup: group, options } = this.#consumer;
    const { handle, message, queue } = entry;
    try {
      await api.sendMessageBack(popAddress(this.#consumer, handle.brokerName), {
        group,
        offset: message.commitLogOffset,
        delayLevel: -1,
        originMsgId: message.messageId,
        originTopic: popRealTopic(queue.queue.topic, group, handle.mark),
        maxReconsumeTimes: 0,
        unitMode: options.unitMode,
        brokerName: handle.brokerName,
      });
    } catch (error) {
      this.#warn(entry, error, 'sendBackFailed', 'could not be put into the dead-letter queue');
      return false;
    }
    this.#acker.ack(entry);
    return true;
  }

  #warn(
    { message, queue }: HeldMessage,
    error: unknown,
    kind: 'invisibleTimeFailed' | 'sendBackFailed',
    problem: string,
  ): void {
    if (!(error instanceof RocketMQError)) throw error;
    const text = `Message ${message.messageId} of ${queue.key} ${problem}: ${error.message}`;
    this.#consumer.emit('warning', { kind, queue: queue.queue, message: text, error });
  }
}
