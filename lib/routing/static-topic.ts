import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import type { TopicQueueMappingInfo } from '../../protocol/model/queue-mapping.ts';

/** Begins the broker name of a logical queue, whose queue id is that of the whole topic. Java: `MixAll.LOGICAL_QUEUE_MOCK_BROKER_PREFIX`. */
const MOCK_PREFIX = '__syslo__';

/** The broker name of logical queues without an owner. Java: `LOGICAL_QUEUE_MOCK_BROKER_NAME_NOT_EXIST`. */
const NOBODY = `${MOCK_PREFIX}none__`;

const GLOBAL_SCOPE = '__global__';

/** Whether a queue belongs to a static topic: its broker is looked up by the queue. */
export const isLogical = ({ brokerName }: Pick<MessageQueue, 'brokerName'>): boolean =>
  brokerName.startsWith(MOCK_PREFIX);

/** A logical queue, and the broker that has its end now. */
export interface LogicalQueue {
  readonly queue: MessageQueue;
  readonly brokerName: string;
}

/**
 * The logical queues of a static topic, by scope and queue id. Of brokers that claim the same one the newest epoch counts; a queue that nobody claims belongs to a
 * broker that does not exist. Pure. Java: `ClientMetadata.topicRouteData2EndpointsForStaticTopic`.
 */
export function logicalQueues(
  topic: string,
  mappings: ReadonlyMap<string, TopicQueueMappingInfo> | undefined,
  limit: number,
): readonly LogicalQueue[] {
  const infos = [...(mappings?.values() ?? [])];
  const scopes = new Set(infos.map(({ scope }) => scope));
  return [...scopes].flatMap((scope) =>
    queuesOfScope(
      topic,
      scope,
      infos.filter((info) => info.scope === scope),
      limit,
    ),
  );
}

function queuesOfScope(
  topic: string,
  scope: string,
  infos: readonly TopicQueueMappingInfo[],
  limit: number,
): LogicalQueue[] {
  const brokerName = MOCK_PREFIX + (scope === GLOBAL_SCOPE ? scope.slice(2) : scope);
  const owners = new Map<number, string>();
  for (const { currIdMap, bname } of infos.toSorted((a, b) => a.epoch - b.epoch))
    for (const queueId of currIdMap.keys()) owners.set(queueId, bname);
  const total = Math.min(limit, Math.max(0, ...infos.map(({ totalQueues }) => totalQueues)));
  return Array.from({ length: total }, (_, queueId) => ({
    queue: { topic, brokerName, queueId },
    brokerName: owners.get(queueId) ?? NOBODY,
  }));
}
