import type { ConsumeDirectlyResult } from '../../../protocol/model/consume-directly-result.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { UserNames } from '../../instance/user-names.ts';
import type { PushContext } from '../consumer-context.ts';
import { BatchCallContext } from './batch-context.ts';
import { countDone, judgeResult } from './consume-result.ts';
import { restoreOriginalTopic } from './original-topic.ts';

/** Runs the listener once for an operator (mqadmin `queryMsgById -d`), outside of queues and offsets. Java: `consumeMessageDirectly` of both consume services. */
export async function consumeDirectly(
  consumer: PushContext,
  message: ReceivedMessage,
  brokerName: string,
): Promise<ConsumeDirectlyResult> {
  const { consumerGroup, clock, subscriptions, options } = consumer;
  const isOrderly = options.consumeMode === 'orderly';
  const began = clock.uptime();
  const result = (
    consumeResult: ConsumeDirectlyResult['consumeResult'],
    remark?: string,
  ): ConsumeDirectlyResult => ({
    order: isOrderly,
    autoCommit: !isOrderly || options.autoCommit,
    consumeResult,
    spentTimeMills: Math.round(clock.uptime() - began),
    ...(remark !== undefined && { remark }),
  });
  const topic = restoreOriginalTopic(message, consumerGroup);
  const listener = subscriptions.get(topic)?.listener;
  if (listener === undefined)
    return result('CR_THROW_EXCEPTION', `No listener for topic ${topic} in ${consumerGroup}`);
  const names = new UserNames(options.namespace);
  const queue = names.shortQueue({ topic: message.topic, brokerName, queueId: message.queueId });
  // Nothing is held back, so nothing is committed.
  const nothing = (): void => undefined;
  const { signal } = new AbortController();
  const context = {
    consumerGroup: names.short(consumerGroup),
    queue,
    signal,
    commit: nothing,
    rollback: nothing,
  };
  try {
    const outcome: unknown =
      listener.kind === 'message'
        ? await listener.run(message, context)
        : await listener.run([message], new BatchCallContext(context));
    if (isOrderly && outcome === 'commit') return result('CR_COMMIT');
    if (isOrderly && outcome === 'rollback') return result('CR_ROLLBACK');
    return result(countDone(judgeResult(outcome), 1) === 1 ? 'CR_SUCCESS' : 'CR_LATER');
  } catch (error) {
    return result(
      'CR_THROW_EXCEPTION',
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  }
}
