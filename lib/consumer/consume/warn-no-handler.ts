import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import type { PushContext } from '../consumer-context.ts';
import type { OwnedQueue } from '../owned-queue.ts';

/** Says that a retried message is sent back because nobody here consumes its topic: it is another member's, or of an earlier version of this service. */
export function warnNoHandler(
  { emit }: Pick<PushContext, 'emit'>,
  { queue }: OwnedQueue,
  { topic, messageId }: ReceivedMessage,
): void {
  const message = `Message ${messageId} in ${queue.topic} belongs to topic ${topic}, which has no listener here; it is sent back`;
  emit('warning', { kind: 'noHandler', topic, message });
}
