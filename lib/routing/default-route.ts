import { DEFAULT_TOPIC } from '../../protocol/message/topic.ts';
import type { TopicRouteData } from '../../protocol/model/topic-route-data.ts';

/** How a topic that does not exist yet will come to be: from which topic, with how many queues at most. */
export interface DefaultTopic {
  /** Java: `createTopicKey`. Default `TBW102`. */
  readonly name?: string | undefined;
  /** Java: `defaultTopicQueueNums`. Default 4. */
  readonly queueNums?: number | undefined;
}

/** Fills in Java's defaults. Pure. */
export const readDefaultTopic = (
  given: DefaultTopic | true,
): Required<{ readonly name: string; readonly queueNums: number }> => ({
  name: (given === true ? undefined : given.name) ?? DEFAULT_TOPIC,
  queueNums: (given === true ? undefined : given.queueNums) ?? 4,
});

/**
 * The route a topic will get when the first message creates it: the default topic's, with `min(queueNums, readQueueNums)`
 * queues to read and to write. Pure. Java: `MQClientInstance.updateTopicRouteInfoFromNameServer`.
 */
export function deriveRoute(data: TopicRouteData, queueNums: number): TopicRouteData {
  return {
    ...data,
    queueDatas: data.queueDatas.map((queueData) => {
      const count = Math.min(queueNums, queueData.readQueueNums);
      return { ...queueData, readQueueNums: count, writeQueueNums: count };
    }),
  };
}
