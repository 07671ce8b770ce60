import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { IllegalStateError, InvalidOptionError } from '../../errors.ts';
import type { PushContext } from '../consumer-context.ts';
import { SendBack } from './send-back.ts';

/** When and by which broker a message that the user gives back comes again. */
export interface SendMessageBackOptions {
  /** Above 0: after that level of the broker; 0 (default): later each time; below 0: to the dead-letter queue at once. */
  readonly delayLevel?: number | undefined;
  /** The broker that stored the message; default the one it was read from. */
  readonly brokerName?: string | undefined;
}

/**
 * Has a message come again to the group, by order of the user; the message itself counts as consumed or not by what its listener returns.
 * @throws {IllegalStateError} in broadcasting, {InvalidOptionError} for options that cannot be, {RocketMQError} when neither the
 * broker nor the retry topic takes it. Java: `DefaultMQPushConsumer.sendMessageBack`.
 */
export async function sendMessageBack(
  consumer: PushContext,
  message: ReceivedMessage,
  { delayLevel = 0, brokerName = message.brokerName }: SendMessageBackOptions,
): Promise<void> {
  if (!Number.isInteger(delayLevel))
    throw new InvalidOptionError('delayLevel', `must be a whole number, not ${delayLevel}`);
  if (brokerName === '')
    throw new InvalidOptionError('brokerName', 'is required: the message does not say who stored it');
  if (consumer.options.messageModel === 'broadcasting')
    throw new IllegalStateError('sendMessageBack', 'not available', 'messageModel clustering');
  const queue = { topic: message.storedTopic, brokerName, queueId: message.queueId };
  await new SendBack(consumer).give(queue, message, delayLevel);
}
