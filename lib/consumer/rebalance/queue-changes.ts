import type { ConsumerRole } from '../../instance/roles.ts';
import type { PushContext } from '../consumer-context.ts';
import type { RebalanceRounds } from './rebalance-service.ts';

/**
 * Topics whose queues changed in a round. After it one heartbeat goes to all brokers, in which their subscriptions have a new version. Java:
 * `RebalancePushImpl.messageQueueChanged`, with a heartbeat for each topic.
 */
export class QueueChanges {
  readonly #consumer: PushContext;
  readonly #role: Pick<ConsumerRole, 'topics'>;
  readonly #topics = new Set<string>();

  /** @param role knows what is subscribed to */
  constructor(consumer: PushContext, role: Pick<ConsumerRole, 'topics'>) {
    this.#consumer = consumer;
    this.#role = role;
  }

  /** Queues of a topic are given up or taken over. */
  readonly add = (topic: string): void => {
    this.#topics.add(topic);
  };

  /** The same rounds, after each of which brokers are told. */
  told(rounds: RebalanceRounds): RebalanceRounds {
    let hasStopped = false;
    return {
      run: async (cause, isUnsettled) => {
        try {
          return await rounds.run(cause, isUnsettled);
        } finally {
          if (!hasStopped) this.#tell();
        }
      },
      stop: async () => {
        hasStopped = true;
        await rounds.stop();
      },
    };
  }

  /** No round waits for it: a heartbeat that fails is logged, and the next one says the same. */
  #tell(): void {
    const { versions, instance } = this.#consumer;
    const changed = [...this.#role.topics()].filter((topic) => this.#topics.has(topic));
    this.#topics.clear();
    if (changed.length === 0) return;
    for (const topic of changed) versions.next(topic);
    void instance.heartbeat();
  }
}
