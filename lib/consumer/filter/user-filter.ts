import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { ConsumerContext } from '../consumer-context.ts';

/**
 * Whether option `filterMessage` wants a message; without the option all are wanted. Where it throws the message is kept, as with Java's hooks, with a
 * warning. Java: `PullAPIWrapper.executeHook`.
 */
export function isWantedByUser(
  { options, emit }: Pick<ConsumerContext, 'options' | 'emit'>,
  queue: MessageQueue,
  message: ReceivedMessage,
): boolean {
  try {
    return options.filterMessage?.(message) ?? true;
  } catch (cause) {
    const { messageId } = message;
    const text = `filterMessage threw for message ${messageId}, which is kept: ${String(cause)}`;
    emit('warning', { kind: 'filterMessageFailed', queue, messageId, message: text, error: cause });
    return true;
  }
}
