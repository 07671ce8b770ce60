import { sameQueue, type MessageQueue } from '../../../protocol/model/message-queue.ts';
import { RouteNotFoundError } from '../../errors.ts';
import type { RouteChange } from '../../routing/route-table.ts';
import { PeriodicTask } from '../../runtime/periodic-task.ts';
import type { LiteContext } from './lite-context.ts';

/**
 * Tells when a topic's readable queues are others: of the topics that are read, and of those that the user watches.
 * Java: `DefaultLitePullConsumerImpl.fetchTopicMessageQueuesAndCompare`.
 */
export class TopicWatch {
  readonly #consumer: LiteContext;
  readonly #watched = new Set<string>();
  readonly #known = new Map<string, readonly MessageQueue[]>();
  #task: PeriodicTask | undefined;

  constructor(consumer: LiteContext) {
    this.#consumer = consumer;
  }

  start(): void {
    const { instance, clock, options, logger } = this.#consumer;
    instance.routes.on('change', this.#onChange);
    const interval = options.topicMetadataCheckIntervalMillis;
    // All these routes are polled anyway, by the instance.
    if (interval >= options.pollNameServerInterval) return;
    this.#task = new PeriodicTask({
      clock,
      interval,
      initialDelay: interval,
      run: async (signal) => this.#look(signal),
      onError: (error) => logger.warn({ error }, 'Queues of topics could not be looked at'),
    });
  }

  async stop(): Promise<void> {
    const { routes } = this.#consumer.instance;
    routes.off('change', this.#onChange);
    for (const topic of this.#watched) routes.release(topic);
    this.#watched.clear();
    await this.#task?.stop();
  }

  /** Watches a topic that is neither subscribed nor assigned too. A topic that does not exist yet has no queues. */
  async watch(topic: string, signal?: AbortSignal): Promise<readonly MessageQueue[]> {
    const { routes } = this.#consumer.instance;
    if (!this.#watched.has(topic)) {
      this.#watched.add(topic);
      routes.retain(topic);
    }
    const queues = await this.#queuesOf(topic, signal);
    this.#known.set(topic, queues);
    return queues;
  }

  unwatch(topic: string): void {
    if (!this.#watched.delete(topic)) return;
    this.#consumer.instance.routes.release(topic);
    this.#known.delete(topic);
  }

  async #queuesOf(topic: string, signal?: AbortSignal): Promise<readonly MessageQueue[]> {
    try {
      return (await this.#consumer.instance.routes.fetch(topic, { signal })).readableQueues();
    } catch (error) {
      if (error instanceof RouteNotFoundError) return [];
      throw error;
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { subscriptions, instance } = this.#consumer;
    const topics = [...new Set([...this.#watched, ...subscriptions.keys()])];
    await Promise.all(
      topics.map(async (topic) =>
        // What is known stays known; the next look may have more luck.
        instance.routes.fetch(topic, { signal }).catch(() => undefined),
      ),
    );
  }

  readonly #onChange = ({ topic, before, after }: RouteChange): void => {
    const isOurs = this.#watched.has(topic) || this.#consumer.subscriptions.has(topic);
    if (!isOurs || after === undefined) return;
    const queues = after.readableQueues();
    const known = this.#known.get(topic) ?? before?.readableQueues();
    this.#known.set(topic, queues);
    if (known === undefined || areSame(known, queues)) return;
    this.#consumer.emit('topicQueuesChanged', { topic, queues, before: known });
  };
}

/** Both are sorted. */
function areSame(a: readonly MessageQueue[], b: readonly MessageQueue[]): boolean {
  return (
    a.length === b.length &&
    a.every((queue, index) => {
      const other = b[index];
      return other !== undefined && sameQueue(queue, other);
    })
  );
}
