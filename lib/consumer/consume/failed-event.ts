import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import { ConsumeError } from '../../errors.ts';
import type { ConsumeFailedEvent } from '../events.ts';

/** What users are told of a message that failed; `thrown` is what its listener threw, if it did. Pure. */
export function failedEvent(
  queue: MessageQueue,
  { messageId, reconsumeTimes }: ReceivedMessage,
  action: ConsumeFailedEvent['action'],
  thrown: unknown,
): ConsumeFailedEvent {
  const event = { queue, messageId, reconsumeTimes, action };
  if (thrown === undefined) return event;
  return { ...event, error: new ConsumeError(messageId, queue, { cause: thrown }) };
}
