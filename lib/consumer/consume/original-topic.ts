import { popVisibleTopic } from '../../../protocol/message/pop.ts';
import { MessageProperty } from '../../../protocol/message/properties.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';

/** Gives a message of a retry topic the topic back that it was sent to, and returns that. Java: `resetRetryAndNamespace`, `tryResetPopRetryTopic`. */
export function restoreOriginalTopic(message: ReceivedMessage, consumerGroup: string): string {
  const original = message.properties.get(MessageProperty.RETRY_TOPIC) ?? message.topic;
  return message.withTopic(popVisibleTopic(original, consumerGroup)).topic;
}
