import { encodeProperties, MessageProperty } from '../../../protocol/message/properties.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';

/** Properties that belong to a message's last delivery and must not travel with its copy. */
const LEFT_BEHIND = [MessageProperty.TRAN_MSG, MessageProperty.POP_CK, MessageProperty.DELAY] as const;

/** How a message is to come again. */
export interface RetryTerms {
  /** Its topic, as brokers know it. */
  readonly topic: string;
  /** 0: by the number of tries. Negative: to the dead-letter queue. */
  readonly delayLevel: number;
  readonly maxReconsumeTimes: number;
}

/** The properties of a copy for the retry topic: where it comes from, how often it was tried, and when it is to come. Pure. */
export function retryProperties(
  message: ReceivedMessage,
  { topic, delayLevel, maxReconsumeTimes }: RetryTerms,
): string {
  const properties = new Map(message.properties);
  for (const name of LEFT_BEHIND) properties.delete(name);
  const { reconsumeTimes } = message;
  if (!properties.has(MessageProperty.ORIGIN_MESSAGE_ID)) {
    properties.set(MessageProperty.ORIGIN_MESSAGE_ID, message.messageId);
  }
  properties.set(MessageProperty.RETRY_TOPIC, topic);
  // A copy sent to the retry topic with its tries used up goes on to the dead-letter queue.
  const tries = delayLevel < 0 ? Math.max(reconsumeTimes + 1, maxReconsumeTimes) : reconsumeTimes + 1;
  properties.set(MessageProperty.RECONSUME_TIME, String(tries));
  properties.set(MessageProperty.MAX_RECONSUME_TIMES, String(maxReconsumeTimes));
  properties.set(MessageProperty.DELAY, String(delayLevel > 0 ? delayLevel : 3 + reconsumeTimes));
  return encodeProperties(properties);
}
