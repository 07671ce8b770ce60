import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { AllocateInput, AllocateStrategy } from '../../allocate/allocate-strategy.ts';
import type { TopicRoute } from '../../routing/topic-route.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import { lookAtGroup, type GroupLook } from './group-look.ts';

/** How the queues of a topic are shared out: among whom, and by what rule. */
export interface QueueSharing {
  readonly allocate: AllocateStrategy;
  /** Who shares; `asked` holds what brokers said in this round, `known` is the number of members of the round before. */
  look(route: TopicRoute, asked: Map<string, Promise<readonly string[]>>, known?: number): Promise<GroupLook>;
}

/** Broadcasting: every member has all queues, whoever else there is. */
export const broadcastSharing = ({ clientId }: Pick<ConsumerContext, 'clientId'>): QueueSharing => ({
  allocate: allQueues,
  look: async () => ({ kind: 'members', clientIds: [clientId], address: '' }),
});

const allQueues: AllocateStrategy = Object.assign(
  ({ queues }: AllocateInput): readonly MessageQueue[] => queues,
  { strategyName: 'BROADCASTING' },
);

/** Clustering: the members that the brokers list, by the strategy of the options. */
export const clusterSharing = (consumer: ConsumerContext): QueueSharing => ({
  allocate: consumer.options.allocate,
  look: async (route, asked, known) => lookAtGroup(consumer, route, asked, known),
});
