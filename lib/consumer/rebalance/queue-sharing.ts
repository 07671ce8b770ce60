import type { AllocateStrategy } from '../../allocate/allocate-strategy.ts';
import type { TopicRoute } from '../../routing/topic-route.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import { lookAtGroup, type GroupLook } from './group-look.ts';

/** How the queues of a topic are shared out: among whom, and by what rule. */
export interface QueueSharing {
  readonly allocate: AllocateStrategy;
  /** Who shares; `asked` holds what brokers said in this round, `known` is the number of members of the round before. */
  look(route: TopicRoute, asked: Map<string, Promise<readonly string[]>>, known?: number): Promise<GroupLook>;
}

/** Clustering: the members that the brokers list, by the strategy of the options. */
export const clusterSharing = (consumer: ConsumerContext): QueueSharing => ({
  allocate: consumer.options.allocate,
  look: async (route, asked, known) => lookAtGroup(consumer, route, asked, known),
});
