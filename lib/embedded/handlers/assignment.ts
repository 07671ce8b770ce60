import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { isRetryTopic } from '../../../protocol/message/topic.ts';
import type {
  QueryAssignmentRequestBody,
  SetMessageRequestModeRequestBody,
} from '../../../protocol/model/assignment.ts';
import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { AllocateInput, AllocateStrategy } from '../../allocate/allocate-strategy.ts';
import { averagely } from '../../allocate/averagely.ts';
import { byCircle } from '../../allocate/by-circle.ts';
import { sortClientIds, sortQueues } from '../../allocate/sorting.ts';
import type { BrokerState } from '../broker-state.ts';
import type { Answer } from '../faults/control.ts';
import type { EmbeddedServer } from '../server.ts';

type Mode = Pick<SetMessageRequestModeRequestBody, 'mode' | 'popShareQueueNum'>;

/** The strategies that brokers have. */
const strategies: readonly AllocateStrategy[] = [averagely(), byCircle()];

/** Which queues a member is to read, and whether by pull or by pop. Java: `QueryAssignmentProcessor`. */
export function handleAssignments(server: EmbeddedServer, broker: BrokerState): void {
  if (!broker.manners.pop) return;
  const modes = new Map<string, Mode>();

  server.handle(Commands.queryAssignment, ({ body }) => {
    const { topic, consumerGroup } = body;
    const mode = modes.get(keyOf(topic, consumerGroup)) ?? { mode: 'PULL', popShareQueueNum: 0 };
    const queues = assign(readable(server, topic), broker, body, mode);
    if (queues === undefined) return { body: {} };
    return {
      body: {
        messageQueueAssignments: queues.map((messageQueue) => ({ messageQueue, mode: mode.mode })),
      },
    };
  });

  server.handle(Commands.setMessageRequestMode, ({ body }) => {
    const { topic, consumerGroup } = body;
    const refusal = checkMode(broker, body);
    if (refusal !== undefined) return refusal;
    broker.subscriptionGroups.config(consumerGroup);
    modes.set(keyOf(topic, consumerGroup), body);
    return {};
  });
}

const keyOf = (topic: string, group: string): string => `${topic}@${group}`;

function checkMode(
  broker: BrokerState,
  { topic }: SetMessageRequestModeRequestBody,
): Pick<Answer, 'code' | 'remark'> | undefined {
  if (isRetryTopic(topic))
    return { code: ResponseCode.NO_PERMISSION, remark: 'retry topic is not allowed to set mode' };
  if (broker.topics.get(topic) !== undefined) return undefined;
  return { code: ResponseCode.TOPIC_NOT_EXIST, remark: `topic[${topic}] not exist` };
}

/** The topic's queues on all brokers, as a route tells them. */
function readable(server: EmbeddedServer, topic: string): MessageQueue[] {
  return server.context.registry().flatMap((broker) => {
    const config = broker.topic(topic);
    if (config === undefined || (config.perm & 4) === 0) return [];
    const { name: brokerName } = broker;
    return Array.from({ length: config.readQueueNums }, (_, queueId) => ({ topic, brokerName, queueId }));
  });
}

/** Undefined when there is no valid answer, which is not the same as none. */
function assign(
  all: readonly MessageQueue[],
  broker: BrokerState,
  request: QueryAssignmentRequestBody,
  mode: Mode,
): readonly MessageQueue[] | undefined {
  if (all.length === 0) return undefined;
  if (request.messageModel === 'BROADCASTING') return all;
  const { consumerGroup, clientId, strategyName } = request;
  const members = broker.groups.get(consumerGroup);
  const strategy = strategies.find((each) => each.strategyName === strategyName);
  if (members === undefined || strategy === undefined) return undefined;
  const clientIds = sortClientIds([...members.channels.values()].map((channel) => channel.clientId));
  const input = { consumerGroup, clientId, queues: sortQueues(all), clientIds };
  if (mode.mode === 'POP') return share(strategy, input, mode.popShareQueueNum);
  return clientIds.includes(clientId) ? strategy(input) : [];
}

/** Members that pop share queues with those that follow them. Java: `allocate4Pop`. */
function share(strategy: AllocateStrategy, input: AllocateInput, count: number): readonly MessageQueue[] {
  const { queues, clientIds, clientId } = input;
  if (count <= 0 || count >= clientIds.length - 1) {
    // Queue -1 stands for all of a broker; one entry for each broker is left of Java's set.
    const brokers = new Map(queues.map((queue) => [queue.brokerName, { ...queue, queueId: -1 }]));
    return [...brokers.values()];
  }
  const index = clientIds.indexOf(clientId);
  if (index < 0) return [];
  if (clientIds.length > queues.length) return queues.slice(index % queues.length).slice(0, 1);
  const sharers = Array.from(
    { length: count + 1 },
    (_, step) => clientIds[(index + step) % clientIds.length],
  );
  const shared = sharers.flatMap((id) => (id === undefined ? [] : strategy({ ...input, clientId: id })));
  return [...new Set(shared)];
}
