import { trace } from '../../diagnostics.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import type { ConsumeContext, Listener } from '../listener.ts';
import { BatchCallContext } from './batch-context.ts';
import { judgeBatch, judgeResult, type Verdict } from './consume-result.ts';

/** Something that holds a message. */
interface Given {
  readonly message: ReceivedMessage;
}

/** What a call of this listener is told: one object for each ownership, and one for each call of a batch, which may set things in it. */
export function contextOf(listener: Listener, ownership: ConsumeContext): ConsumeContext {
  return listener.kind === 'batch' ? new BatchCallContext(ownership) : ownership;
}

/** Calls the listener and returns what it returns; throws what it throws. `eachMessage` gets the first message. */
export function callListener(listener: Listener, batch: readonly Given[], context: ConsumeContext): unknown {
  if (listener.kind === 'message') {
    const first = batch[0];
    return first === undefined ? undefined : listener.run(first.message, context);
  }
  return listener.run(
    batch.map(({ message }) => message),
    context instanceof BatchCallContext ? context : new BatchCallContext(context),
  );
}

/** The same for those who listen to `tracing:rocketmq:consume:…`; with them there is always a promise. */
export async function tracedCall(
  listener: Listener,
  batch: readonly Given[],
  context: ConsumeContext,
): Promise<unknown> {
  const facts = {
    topic: batch[0]?.message.topic ?? context.queue.topic,
    consumerGroup: context.consumerGroup,
    messageId: batch[0]?.message.messageId ?? '',
  };
  return trace(
    'consume',
    () => facts,
    async () => callListener(listener, batch, context),
  );
}

/** What is to happen after a listener returned `result`, and what it set in its context. */
export function verdictOf(result: unknown, context: ConsumeContext): Verdict {
  const verdict = judgeResult(result);
  return context instanceof BatchCallContext ? judgeBatch(verdict, context) : verdict;
}
