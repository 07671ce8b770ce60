import { MessageProperty } from '../../../protocol/message/properties.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';

/** Gives a message of the retry topic the topic back that it was sent to, and returns that. Java: `resetRetryAndNamespace`. */
export function restoreOriginalTopic(message: ReceivedMessage): string {
  const original = message.properties.get(MessageProperty.RETRY_TOPIC);
  if (original !== undefined) message.withTopic(original);
  return message.topic;
}
