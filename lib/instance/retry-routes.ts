import { isRetryTopic } from '../../protocol/message/topic.ts';
import type { RouteTable } from '../routing/route-table.ts';
import type { ConsumerRole } from './roles.ts';

/**
 * Looks at the routes of the retry topics of consumers, now. A broker makes them when it first hears of a group: without this look, what failed there would not come again
 * before the next poll, and members whose polls are apart would share the retry queues differently until then. Never rejects: polls ask again.
 */
export async function fetchRetryRoutes(
  routes: Pick<RouteTable, 'fetch'>,
  consumers: Iterable<Pick<ConsumerRole, 'topics'>>,
): Promise<void> {
  const topics = new Set([...consumers].flatMap((role) => [...role.topics()].filter(isRetryTopic)));
  await Promise.allSettled([...topics].map(async (topic) => routes.fetch(topic)));
}
