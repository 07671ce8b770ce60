import { encodeProperties, MessageProperty } from '../../../protocol/message/properties.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';

/**
 * Properties that belong to a message's last delivery and must not travel with its copy. Java's producer puts the two numbers of tries into the header. The time at which
 * a listener began does travel in Java, and its `ProcessQueue.cleanExpiredMsg` may take it for that of the copy.
 */
const LEFT_BEHIND = [
  MessageProperty.TRAN_MSG,
  MessageProperty.POP_CK,
  MessageProperty.DELAY,
  MessageProperty.RECONSUME_TIME,
  MessageProperty.MAX_RECONSUME_TIMES,
  MessageProperty.CONSUME_START_TIME,
] as const;

/** The properties of a copy for the retry topic: where it comes from, and when it is to come; `topic` is the name that brokers know. Pure. Java: `sendMessageBackAsNormalMessage`. */
export function retryProperties(message: ReceivedMessage, delayLevel: number, topic = message.topic): string {
  const properties = new Map(message.properties);
  for (const name of LEFT_BEHIND) properties.delete(name);
  if (!properties.has(MessageProperty.ORIGIN_MESSAGE_ID)) {
    properties.set(MessageProperty.ORIGIN_MESSAGE_ID, message.messageId);
  }
  properties.set(MessageProperty.RETRY_TOPIC, topic);
  properties.set(MessageProperty.DELAY, String(delayLevel > 0 ? delayLevel : 3 + message.reconsumeTimes));
  return encodeProperties(properties);
}

/** How often a copy counts as tried. Pure. A broker takes one with more tries than allowed to the dead-letter queue; 4.9 one with as many. */
export function retryTimes(
  { reconsumeTimes }: Pick<ReceivedMessage, 'reconsumeTimes'>,
  delayLevel: number,
  maxReconsumeTimes: number,
): number {
  return delayLevel < 0 ? Math.max(reconsumeTimes, maxReconsumeTimes) + 1 : reconsumeTimes + 1;
}
