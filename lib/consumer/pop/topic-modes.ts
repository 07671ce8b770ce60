import { MQVersion } from '../../../protocol/codes/version.ts';
import { isRetryTopic } from '../../../protocol/message/topic.ts';
import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { RocketMQError } from '../../errors.ts';
import type { TopicRoute } from '../../routing/topic-route.ts';
import type { QueueSharing } from '../rebalance/queue-sharing.ts';
import type { PopContext } from './pop-context.ts';
import { PopUnsupportedError } from './pop-unsupported-error.ts';

/** How a topic is read. */
export type TopicMode =
  | { readonly kind: 'pop'; readonly queues: readonly MessageQueue[] }
  | { readonly kind: 'pull' }
  /** What is read now is kept. */
  | { readonly kind: 'unknown' };

/** Who says how topics are read. */
export interface TopicModes {
  /** How queues of pulled topics are shared out. */
  readonly sharing: QueueSharing;
  look(topic: string, route: TopicRoute): Promise<TopicMode>;
}

/** Says that a topic cannot be read as asked for. */
export type Refuse = (topic: string, error: RocketMQError) => void;

/** Any queue of each broker that has readable ones: what brokers assign to every member of a group that pops without sharing out. Pure. */
export function anyQueues({ topic }: TopicRoute, readable: readonly MessageQueue[]): readonly MessageQueue[] {
  const names = new Set(readable.map(({ brokerName }) => brokerName));
  return [...names].map((brokerName) => ({ topic, brokerName, queueId: -1 }));
}

/** `messageRequestMode: 'pop'`: all topics are popped whatever the brokers say. The group's retry topic is pulled, as in Java, for what was sent back before. */
export function popAlways(consumer: PopContext, sharing: QueueSharing, refuse: Refuse): TopicModes {
  return {
    sharing,
    look: async (topic, route) => {
      if (isRetryTopic(topic)) return { kind: 'pull' };
      const queues = anyQueues(route, route.readableQueues());
      const isOld = (brokerName: string): boolean => {
        const version = versionOf(consumer, brokerName);
        if (version === undefined || version >= MQVersion.V5_0_0) return false;
        refuse(topic, new PopUnsupportedError(brokerName, version));
        return true;
      };
      return { kind: 'pop', queues: queues.filter(({ brokerName }) => !isOld(brokerName)) };
    },
  };
}

/** By its last heartbeat answer. */
function versionOf({ instance }: PopContext, brokerName: string): number | undefined {
  const address = instance.routes.brokerAddress(brokerName);
  return address === undefined ? undefined : instance.brokerVersion(address);
}
