import type { SubscriptionData } from '../../../protocol/model/subscription-data.ts';
import { isResponse, ResponseError, RouteNotFoundError } from '../../errors.ts';
import type { TopicRoute } from '../../routing/topic-route.ts';
import type { Deadline } from '../../runtime/clock.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import { FilterError, type FilterProblem } from './filter-error.ts';

/** What may end a check, and how long the route may take. */
type Wait = Pick<Deadline, 'signal'> & Partial<Deadline>;

/**
 * Asks every broker of the topics whether it can evaluate the filters; tags always can be. What a broker does not answer, or a proxy does
 * not know, is no refusal, and neither is a topic that does not exist yet. Java asks one broker: `MQClientInstance.checkClientInBroker`.
 *
 * @throws {FilterError} for the first refusal
 */
export async function checkFilters(consumer: ConsumerContext, wait: Wait): Promise<void> {
  const { subscriptions } = consumer;
  await Promise.all([...subscriptions.values()].map(async ({ data }) => checkFilter(consumer, data, wait)));
}

/** The same for one topic while running: nobody waits for it, so a refusal is a warning. Pulling fails until the filter is changed. */
export async function watchFilter(
  consumer: ConsumerContext,
  topic: string,
  signal: AbortSignal,
): Promise<void> {
  const subscription = consumer.subscriptions.get(topic)?.data;
  try {
    if (subscription !== undefined) await checkFilter(consumer, subscription, { signal });
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    consumer.emit('warning', { kind: 'filterRefused', topic, message: error.message, error });
  }
}

async function checkFilter(
  consumer: ConsumerContext,
  subscription: SubscriptionData,
  wait: Wait,
): Promise<void> {
  if (subscription.expressionType === 'TAG') return;
  const route = await routeOf(consumer, subscription.topic, wait);
  const names = route?.brokerNames() ?? [];
  const addresses = names.flatMap((name) => route?.masterAddress(name) ?? []);
  await Promise.all(addresses.map(async (address) => ask(consumer, address, subscription, wait.signal)));
}

async function ask(
  { api, clientId, consumerGroup: group, logger }: ConsumerContext,
  address: string,
  subscriptionData: SubscriptionData,
  signal: AbortSignal,
): Promise<void> {
  try {
    await api.checkClientConfig(address, { clientId, group, subscriptionData }, { signal });
  } catch (error) {
    const problem = problemOf(error);
    const { topic, subString } = subscriptionData;
    if (problem !== undefined) throw new FilterError(topic, subString, { problem, address, cause: error });
    signal.throwIfAborted();
    logger.debug({ topic, address, error }, 'Filter could not be checked');
  }
}

/** What a broker's answer says about the filter. Pure. */
export function problemOf(error: unknown): FilterProblem | undefined {
  if (isResponse(error, 'SUBSCRIPTION_PARSE_FAILED')) return 'malformed';
  // The code is that of any failure; the words are the same in every version.
  const isDisabled =
    error instanceof ResponseError && /does not support consumer to filter/.test(error.remark ?? '');
  return isDisabled ? 'disabled' : undefined;
}

async function routeOf(
  { instance: { routes } }: ConsumerContext,
  topic: string,
  { signal, remaining }: Wait,
): Promise<TopicRoute | undefined> {
  try {
    return routes.get(topic) ?? (await routes.fetch(topic, { signal, timeout: remaining?.() }));
  } catch (error) {
    if (error instanceof RouteNotFoundError) return undefined;
    throw error;
  }
}
