import { RouteNotFoundError } from '../../errors.ts';
import type { TopicRoute } from '../../routing/topic-route.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import type { MemberWarnings } from './member-warnings.ts';

/** The known route of a topic, or a new one; undefined, with a warning, when there is none. Never rejects. */
export async function findRoute(
  { instance }: ConsumerContext,
  warnings: MemberWarnings,
  topic: string,
): Promise<TopicRoute | undefined> {
  const known = instance.routes.get(topic);
  if (known !== undefined) return known;
  try {
    const route = await instance.routes.fetch(topic);
    warnings.topicFound(topic);
    // Its brokers may hear of this group for the first time.
    await instance.heartbeat();
    return route;
  } catch (error) {
    if (error instanceof RouteNotFoundError) warnings.topicMissing(topic);
    else warnings.routeFailed(topic, error);
    return undefined;
  }
}
