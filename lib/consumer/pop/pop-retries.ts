import { popRealTopic } from '../../../protocol/message/pop.ts';
import { isRetryTopic } from '../../../protocol/message/topic.ts';
import { tagSubscription } from '../../../protocol/model/subscription-data.ts';
import { RocketMQError } from '../../errors.ts';
import type { PushSubscription } from '../subscription.ts';
import type { PopContext } from './pop-context.ts';

/**
 * The pop retry topics of topics that are pulled now. While a topic is popped its broker reads them; a group that changes to pulling has to read what is
 * left there itself. Java: `RebalanceImpl.updateMessageQueueAssignment`, "pop switch to push".
 */
export class PopRetries {
  /** By topic of the retries. */
  readonly subscriptions = new Map<string, PushSubscription>();
  readonly #consumer: PopContext;

  constructor(consumer: PopContext) {
    this.#consumer = consumer;
  }

  /** Reads those of these topics from now on, where there are any, and no others. Resolves when brokers know of it. Never rejects. */
  async follow(pulled: Iterable<string>): Promise<void> {
    const { consumerGroup, versions, instance } = this.#consumer;
    const topics = [...pulled].filter((topic) => !isRetryTopic(topic));
    const names = topics.flatMap((topic) => [
      popRealTopic(topic, consumerGroup, '1'),
      popRealTopic(topic, consumerGroup, '2'),
    ]);
    const found = await Promise.all(names.map(async (name) => ((await this.#exists(name)) ? [name] : [])));
    const before = this.subscriptions.size;
    const wanted = new Set(found.flat());
    for (const name of this.subscriptions.keys()) if (!wanted.has(name)) this.subscriptions.delete(name);
    const added = [...wanted].filter((name) => !this.subscriptions.has(name));
    for (const topic of added) {
      const data = tagSubscription(topic, '*', versions.next(topic));
      // Its listener is that of the message's original topic.
      this.subscriptions.set(topic, { topic, data, listener: { kind: 'message', run: () => 'later' } });
    }
    if (added.length > 0 || this.subscriptions.size !== before) await instance.heartbeat();
  }

  /** Brokers make the topic with the first message that comes again. */
  async #exists(topic: string): Promise<boolean> {
    const { routes } = this.#consumer.instance;
    if (routes.get(topic) !== undefined) return true;
    try {
      await routes.fetch(topic);
      return true;
    } catch (error) {
      if (error instanceof RocketMQError) return false;
      throw error;
    }
  }
}
