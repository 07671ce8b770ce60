import { isRetryTopic } from '../../../protocol/message/topic.ts';
import type { ListenerCall } from '../cached-message.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import type { GroupView } from '../rebalance/plan.ts';
import type { HealthReason } from './health.ts';

/** A pull that fails does so within this, in ms; it is tried again after 1 s. */
const FAILS_WITHIN = 2_000;

/** A consumer of any kind; one without listeners has no limits for them. */
type HealthContext = ConsumerContext & {
  readonly options: { readonly listenerStalledAfter?: number; readonly consumeTimeout?: number };
};

/** What a running consumer sees that is not well: of its topics, of the brokers, of its queues. */
export function healthReasons(
  consumer: HealthContext,
  owned: readonly OwnedQueue[],
  views: ReadonlyMap<string, GroupView>,
): HealthReason[] {
  const topics = [...consumer.subscriptions.keys()].filter((topic) => !isRetryTopic(topic));
  return [
    ...topics.flatMap((topic) => topicReasons(consumer, topic, views.get(topic))),
    ...brokerReasons(consumer, topics),
    ...owned.flatMap((each) => queueReasons(consumer, each)),
  ];
}

function topicReasons(
  { instance, clientId, consumerGroup }: ConsumerContext,
  topic: string,
  view: GroupView | undefined,
): HealthReason[] {
  const route = instance.routes.get(topic);
  if (route === undefined || route.readableQueues().length === 0) {
    const what = route === undefined ? 'has no route' : 'has no readable queue';
    return [{ kind: 'noRoute', topic, message: `Topic ${topic} ${what}` }];
  }
  if (view === undefined || view.clientIds.includes(clientId)) return [];
  const message = `The brokers of ${topic} do not list ${clientId} in ${consumerGroup}`;
  return [{ kind: 'notInMemberList', topic, message }];
}

function brokerReasons({ instance }: ConsumerContext, topics: readonly string[]): HealthReason[] {
  const names = new Set(topics.flatMap((topic) => instance.routes.get(topic)?.brokerNames() ?? []));
  return [...names].flatMap((brokerName): HealthReason[] => {
    const address = instance.routes.brokerAddress(brokerName);
    if (address !== undefined && instance.remoting.isConnected(address)) return [];
    const message = `There is no connection to broker ${brokerName}${address === undefined ? '' : ` at ${address}`}`;
    return [{ kind: 'noConnection', brokerName, message }];
  });
}

function queueReasons({ clock, options }: HealthContext, owned: OwnedQueue): HealthReason[] {
  const { queue, key, state, hold, process } = owned;
  const now = clock.uptime();
  const reasons: HealthReason[] = [];
  const add = (kind: HealthReason['kind'], message: string): void =>
    void reasons.push({ kind, message, topic: queue.topic, queue });
  if (state === 'stopped')
    add('queueStopped', `${key} stands at offset ${process.pulledTo}: the message there cannot be read`);
  if (hold === 'pullFailing' && state === 'starting')
    add('pullFailing', `The first offset of ${key} cannot be had and is asked for again`);
  // What has not failed by then is being held by the broker until there are messages.
  else if (hold === 'pullFailing' && now - owned.pullBegan < FAILS_WITHIN)
    add('pullFailing', `Pulls of ${key} fail and are tried again`);
  if (hold === 'notLocked') add('notLocked', `The lock of ${key} is lost and asked for again`);
  if (hold === 'brokerBusy') add('flowControlled', `The broker asks for fewer pulls of ${key}`);
  const stalled = stalledListener(
    process.calls(),
    now - (options.listenerStalledAfter || (options.consumeTimeout ?? Infinity)),
  );
  if (stalled !== undefined)
    add(
      'listenerStalled',
      `A listener of ${key} is at work on message ${stalled.batch[0]?.message.messageId} for ${Math.round(now - stalled.began)} ms`,
    );
  return reasons;
}

/** The first call that began before a moment by the clock's uptime. */
function stalledListener(calls: Iterable<ListenerCall>, before: number): ListenerCall | undefined {
  for (const call of calls) if (call.began < before) return call;
  return undefined;
}
