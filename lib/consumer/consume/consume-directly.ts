import type { ConsumeDirectlyResult } from '../../../protocol/model/consume-directly-result.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import type { PushContext } from '../consumer-context.ts';
import { judgeResult } from './consume-result.ts';
import { restoreOriginalTopic } from './original-topic.ts';

/** Runs the listener once for an operator (mqadmin `queryMsgById -d`), outside of queues and offsets. Java: `ConsumeMessageConcurrentlyService.consumeMessageDirectly`. */
export async function consumeDirectly(
  consumer: PushContext,
  message: ReceivedMessage,
  brokerName: string,
): Promise<ConsumeDirectlyResult> {
  const { consumerGroup, clock, subscriptions } = consumer;
  const began = clock.uptime();
  const result = (
    consumeResult: ConsumeDirectlyResult['consumeResult'],
    remark?: string,
  ): ConsumeDirectlyResult => ({
    order: false,
    autoCommit: true,
    consumeResult,
    spentTimeMills: Math.round(clock.uptime() - began),
    ...(remark !== undefined && { remark }),
  });
  const topic = restoreOriginalTopic(message);
  const listener = subscriptions.get(topic)?.listener;
  if (listener === undefined)
    return result('CR_THROW_EXCEPTION', `No listener for topic ${topic} in ${consumerGroup}`);
  const queue = { topic: message.topic, brokerName, queueId: message.queueId };
  const context = { consumerGroup, queue, signal: new AbortController().signal };
  try {
    const outcome: unknown =
      listener.kind === 'message'
        ? await listener.run(message, context)
        : await listener.run([message], context);
    return result(judgeResult(outcome).done ? 'CR_SUCCESS' : 'CR_LATER');
  } catch (error) {
    return result(
      'CR_THROW_EXCEPTION',
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  }
}
