import { isRetryTopic } from '../../../protocol/message/topic.ts';
import type { MessageQueueAssignment } from '../../../protocol/model/assignment.ts';
import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import { isResponse, RocketMQError } from '../../errors.ts';
import type { TopicRoute } from '../../routing/topic-route.ts';
import { named, type AllocateStrategy } from '../../allocate/allocate-strategy.ts';
import { strategyNameOf } from '../rebalance/explain.ts';
import { askingOrder } from '../rebalance/group-look.ts';
import type { QueueSharing } from '../rebalance/queue-sharing.ts';
import type { PopContext } from './pop-context.ts';
import { PopUnsupportedError } from './pop-unsupported-error.ts';
import type { Refuse, TopicMode, TopicModes } from './topic-modes.ts';

/** What a broker said: the assignments, that it has none to give, or that it does not know the question. */
type BrokerSaid =
  | { readonly kind: 'assigned'; readonly assignments: readonly MessageQueueAssignment[] }
  | { readonly kind: 'nothing'; readonly error?: unknown }
  | { readonly kind: 'unsupported'; readonly address: string };

/**
 * `clientRebalance: false`: brokers say which queues this member reads and how (QUERY_ASSIGNMENT), as mqadmin `setConsumeMode` has told them, or as
 * `messageRequestMode` does. Where they do not know the question, the topic is pulled by the client's own rebalance. Java: `RebalanceImpl.getRebalanceResultFromBroker`.
 */
export class BrokerModes implements TopicModes {
  readonly sharing: QueueSharing;
  readonly #consumer: PopContext;
  readonly #refuse: Refuse;
  /** By topic: the queues to pull, as brokers have assigned them. */
  readonly #pulled = new Map<string, readonly MessageQueue[]>();
  /** Topic and broker whose mode was set. */
  readonly #set = new Set<string>();
  readonly #said = new Set<string>();

  constructor(consumer: PopContext, sharing: QueueSharing, refuse: Refuse) {
    this.#consumer = consumer;
    this.#refuse = refuse;
    // Of other members only guesses are to be had: whether a queue may have a living owner needs no more.
    const allocate: AllocateStrategy = (input) => {
      const assigned = this.#pulled.get(input.queues[0]?.topic ?? '');
      return assigned !== undefined && input.clientId === consumer.clientId
        ? assigned
        : sharing.allocate(input);
    };
    const name = strategyNameOf(sharing.allocate);
    this.sharing = { ...sharing, allocate: named(name, allocate) };
  }

  async look(topic: string, route: TopicRoute): Promise<TopicMode> {
    if (!isRetryTopic(topic)) await this.#setMode(topic, route);
    const said = await this.#ask(topic, route);
    this.#warn(topic, said);
    if (said.kind === 'nothing') return { kind: 'unknown' };
    if (said.kind === 'unsupported') {
      this.#pulled.delete(topic);
      return { kind: 'pull' };
    }
    const queues = (mode: 'POP' | 'PULL'): MessageQueue[] =>
      said.assignments.filter((each) => each.mode === mode).map(({ messageQueue }) => messageQueue);
    const popped = queues('POP');
    if (popped.length > 0) return { kind: 'pop', queues: popped };
    this.#pulled.set(topic, queues('PULL'));
    return { kind: 'pull' };
  }

  async #ask(topic: string, route: TopicRoute): Promise<BrokerSaid> {
    const { pop, consumerGroup, clientId, options } = this.#consumer;
    const body = {
      topic,
      consumerGroup,
      clientId,
      strategyName: strategyNameOf(options.allocate),
      messageModel: 'CLUSTERING' as const,
    };
    let failure: unknown;
    for (const address of askingOrder(this.#consumer, route)) {
      try {
        const assignments = await pop.queryAssignment(address, body);
        if (assignments !== undefined) return { kind: 'assigned', assignments };
      } catch (error) {
        if (isResponse(error, 'REQUEST_CODE_NOT_SUPPORTED')) return { kind: 'unsupported', address };
        failure = error;
      }
    }
    return { kind: 'nothing', ...(failure !== undefined && { error: failure }) };
  }

  /** Once on each broker of a topic, for all members of the group. */
  async #setMode(topic: string, route: TopicRoute): Promise<void> {
    const { messageRequestMode, popShareQueueNum } = this.#consumer.options;
    if (messageRequestMode === undefined) return;
    const { consumerGroup, pop } = this.#consumer;
    const mode = messageRequestMode === 'pop' ? ('POP' as const) : ('PULL' as const);
    const set = async (brokerName: string): Promise<void> => {
      const address = route.masterAddress(brokerName);
      if (address === undefined || this.#set.has(`${topic} ${brokerName}`)) return;
      try {
        await pop.setMessageRequestMode(address, { topic, consumerGroup, mode, popShareQueueNum });
        this.#set.add(`${topic} ${brokerName}`);
      } catch (error) {
        if (!(error instanceof RocketMQError)) throw error;
        const isOld = isResponse(error, 'REQUEST_CODE_NOT_SUPPORTED');
        this.#refuse(topic, isOld ? new PopUnsupportedError(brokerName, undefined, { cause: error }) : error);
      }
    };
    await Promise.all(route.brokerNames().map(set));
  }

  /** Once, until it is otherwise. */
  #warn(topic: string, said: BrokerSaid): void {
    if (said.kind === 'assigned' || isRetryTopic(topic)) {
      this.#said.delete(topic);
      return;
    }
    if (this.#said.has(topic)) return;
    this.#said.add(topic);
    const { emit, consumerGroup } = this.#consumer;
    if (said.kind === 'unsupported') {
      const message = `${said.address} is older than 5.0 and assigns no queues: ${topic} is pulled, and shared out by its members, as with clientRebalance: true`;
      emit('warning', { kind: 'popUnsupported', topic, message });
      return;
    }
    const strategy = strategyNameOf(this.#consumer.options.allocate);
    const reason = said.error instanceof Error ? said.error.message : 'brokers know AVG and AVG_BY_CIRCLE';
    const message = `No broker assigns queues of ${topic} to ${consumerGroup} by strategy ${strategy}; what is read is kept: ${reason}`;
    emit('warning', {
      kind: 'assignmentFailed',
      topic,
      message,
      ...(said.error !== undefined && { error: said.error }),
    });
  }
}
