import { trace, type ConsumeReturnType, type Traces } from '../../diagnostics.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import type { PushContext } from '../consumer-context.ts';
import type { ConsumeContext, Listener } from '../listener.ts';
import { BatchCallContext } from './batch-context.ts';
import { judgeBatch, judgeResult, type Verdict } from './consume-result.ts';

/** Something that holds a message. */
interface Given {
  readonly message: ReceivedMessage;
}

/** What a traced call has to know of the consumer. */
type TracedConsumer = Pick<PushContext, 'clock'> & {
  readonly options: Pick<PushContext['options'], 'consumeTimeout'>;
};

/** What a call of this listener is told: one object for each ownership, and one for each call of a batch, which may set things in it. */
export function contextOf(listener: Listener, ownership: ConsumeContext): ConsumeContext {
  return listener.kind === 'batch' ? new BatchCallContext(ownership) : ownership;
}

/** Shows in the properties of these messages when a listener is given them, in ms since the epoch. Java: the two concurrent services, not those that keep the order. */
export function markStart(batch: readonly Given[], timestamp: number): void {
  for (const { message } of batch) message.withConsumeStart(timestamp);
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

/** The same for those who listen to `tracing:rocketmq:consume:…`, who are told at the end what came of it; with them there is always a promise. */
export async function tracedCall(
  { clock, options }: TracedConsumer,
  listener: Listener,
  batch: readonly Given[],
  context: ConsumeContext,
): Promise<unknown> {
  const facts: Traces['consume'] = {
    topic: batch[0]?.message.topic ?? context.queue.topic,
    consumerGroup: context.consumerGroup,
    messageId: batch[0]?.message.messageId ?? '',
  };
  const began = clock.uptime();
  return trace(
    'consume',
    () => facts,
    async () => {
      try {
        const result = await callListener(listener, batch, context);
        const isLate = clock.uptime() - began >= options.consumeTimeout;
        facts.returnType = isLate ? 'TIME_OUT' : returnTypeOf(result);
        return result;
      } catch (error) {
        facts.returnType = 'EXCEPTION';
        throw error;
      }
    },
  );
}

/** What a listener's result amounts to. Pure. */
function returnTypeOf(result: unknown): ConsumeReturnType {
  return judgeResult(result).done ? 'SUCCESS' : 'FAILED';
}

/** What is to happen after a listener returned `result`, and what it set in its context. */
export function verdictOf(result: unknown, context: ConsumeContext): Verdict {
  const verdict = judgeResult(result);
  return context instanceof BatchCallContext ? judgeBatch(verdict, context) : verdict;
}
