import { withNamespace } from '../../../protocol/message/namespace.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { retryTopic } from '../../../protocol/message/topic.ts';
import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { SendHeader } from '../../api/send-answer.ts';
import { BrokerNotFoundError, RocketMQError } from '../../errors.ts';
import { isLogical } from '../../routing/static-topic.ts';
import type { PushContext } from '../consumer-context.ts';
import { needsLocks } from '../lock/needs-locks.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import { copyTargets } from './copy-targets.ts';
import { retryProperties, retryTimes } from './retry-message.ts';

/** Java sends `-1` as 16. */
const DEFAULT_MAX_RECONSUME_TIMES = 16;

/** Gives failed messages back to the broker, to come again later or to go to the dead-letter queue. Java: `DefaultMQPushConsumerImpl.sendMessageBack`. */
export class SendBack {
  readonly #consumer: PushContext;
  /** From 5.1.1 a message *sent* to the retry topic dies while any queue lock of the group lives. */
  readonly #copiesDie: boolean;

  constructor(consumer: PushContext) {
    this.#consumer = consumer;
    this.#copiesDie = needsLocks(consumer.options);
  }

  /** Resolves to nothing when the broker has the message again, else to what went wrong; never rejects. */
  async send(
    owned: OwnedQueue,
    message: ReceivedMessage,
    delayLevel: number,
  ): Promise<RocketMQError | undefined> {
    try {
      await this.give(owned.queue, message, delayLevel);
      return undefined;
    } catch (error) {
      return this.#tell(owned, message, error);
    }
  }

  /**
   * The same of a message from any queue. The broker may not have it any more, as after a change of master: then a copy goes to the retry topic. @throws
   * {RocketMQError} when nobody takes it
   */
  async give(queue: MessageQueue, message: ReceivedMessage, delayLevel: number): Promise<void> {
    try {
      // Brokers of logical queues cannot look a message up by its place.
      if (isLogical(queue)) await this.#sendCopy(message, delayLevel);
      else await this.#sendBack(queue.brokerName, message, delayLevel);
    } catch (error) {
      if (this.#copiesDie && delayLevel >= 0) throw error;
      await this.#sendCopy(message, delayLevel).catch((later: unknown) => {
        throw later instanceof RocketMQError ? later : error;
      });
    }
  }

  /**
   * Sends a copy whose tries are used up to the retry topic, from where the broker takes it to the dead-letter queue. Resolves as {@link send} does. Java:
   * `ConsumeMessageOrderlyService.sendMessageBack`.
   */
  async sendExhausted(owned: OwnedQueue, message: ReceivedMessage): Promise<RocketMQError | undefined> {
    try {
      await this.#sendCopy(message, 0);
      return undefined;
    } catch (error) {
      return this.#tell(owned, message, error);
    }
  }

  /** CONSUMER_SEND_MSG_BACK, to the broker that stored the message. */
  async #sendBack(brokerName: string, message: ReceivedMessage, delayLevel: number): Promise<void> {
    const { api, instance, consumerGroup: group, options } = this.#consumer;
    const address = instance.routes.brokerAddress(brokerName);
    if (address === undefined) throw new BrokerNotFoundError(brokerName);
    await api.sendMessageBack(address, {
      group,
      offset: message.commitLogOffset,
      delayLevel,
      originMsgId: message.messageId,
      originTopic: withNamespace(options.namespace, message.topic),
      maxReconsumeTimes: this.#maxReconsumeTimes,
      unitMode: options.unitMode,
      brokerName,
    });
  }

  #tell({ queue }: OwnedQueue, { messageId }: ReceivedMessage, error: unknown): RocketMQError {
    if (!(error instanceof RocketMQError)) throw error;
    const message = `Message ${messageId} could not be sent back and is tried again here: ${error.message}`;
    this.#consumer.emit('warning', { kind: 'sendBackFailed', queue, message, error });
    return error;
  }

  /** To the retry topic, at whichever broker takes it. @throws the last broker's error */
  async #sendCopy(message: ReceivedMessage, delayLevel: number): Promise<void> {
    const { instance, consumerGroup } = this.#consumer;
    const topic = retryTopic(consumerGroup);
    const route =
      instance.routes.get(topic) ?? (await instance.routes.fetch(topic, { useDefaultTopic: true }));
    let failure: unknown = new BrokerNotFoundError(topic);
    for (const queue of copyTargets(route.writableQueues(), message.brokerName, instance.random)) {
      try {
        await this.#sendCopyTo(queue, message, delayLevel);
        return;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  async #sendCopyTo(queue: MessageQueue, message: ReceivedMessage, delayLevel: number): Promise<void> {
    const { api, instance, consumerGroup, clock, options } = this.#consumer;
    const address = instance.routes.brokerAddress(queue.brokerName);
    if (address === undefined) throw new BrokerNotFoundError(queue.brokerName);
    const maxReconsumeTimes = this.#maxReconsumeTimes;
    const header: SendHeader = {
      // The consumer group itself, not Java's inner producer: under ACL 2.0 this needs no further permission.
      producerGroup: consumerGroup,
      topic: queue.topic,
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 4,
      queueId: queue.queueId,
      sysFlag: message.sysFlag & ~0x1 & ~0x700,
      bornTimestamp: clock.now(),
      flag: message.flag,
      properties: retryProperties(message, delayLevel, withNamespace(options.namespace, message.topic)),
      reconsumeTimes: retryTimes(message, delayLevel, maxReconsumeTimes),
      unitMode: options.unitMode,
      maxReconsumeTimes,
      batch: false,
      brokerName: queue.brokerName,
    };
    await api.sendMessage(address, header, message.body);
  }

  get #maxReconsumeTimes(): number {
    const { maxReconsumeTimes } = this.#consumer.options;
    return maxReconsumeTimes === -1 ? DEFAULT_MAX_RECONSUME_TIMES : maxReconsumeTimes;
  }
}
