import type { PopProcessQueueInfo } from '../../../protocol/model/consumer-running-info.ts';
import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import { PopApi } from '../../api/pop-api.ts';
import type { RocketMQError } from '../../errors.ts';
import type { ConsumerRole } from '../../instance/roles.ts';
import type { ResolvedPushConsumerOptions } from '../../options/push-consumer.ts';
import type { PushContext } from '../consumer-context.ts';
import type { HealthReason } from '../progress/health.ts';
import type { QueueLag } from '../progress/lag.ts';
import { PullWatchdog } from '../progress/pull-watchdog.ts';
import type { QueueSharing } from '../rebalance/queue-sharing.ts';
import type { RebalanceRounds } from '../rebalance/rebalance-service.ts';
import type { PushSubscription } from '../subscription.ts';
import { BrokerModes } from './broker-modes.ts';
import { ConcurrentPopConsumeService } from './concurrent-pop-consume-service.ts';
import { OrderlyPopConsumeService } from './orderly-pop-consume-service.ts';
import { PopAcker } from './pop-acker.ts';
import type { PopConsumeService } from './pop-consume-service.ts';
import type { PopContext } from './pop-context.ts';
import { PopGiveBack } from './pop-give-back.ts';
import type { PopQueue, PopQueueState } from './pop-queue.ts';
import { PopQueues } from './pop-queues.ts';
import { PopRetries } from './pop-retries.ts';
import { PopRounds, type PulledRounds } from './pop-rounds.ts';
import { PopSettlement } from './pop-settlement.ts';
import { popAlways, type TopicModes } from './topic-modes.ts';
import { watchedPops } from './watched-pops.ts';

/** Where this member stands with one of the queues it pops from. */
export interface PopQueueStatus {
  /** Queue id -1 stands for all queues of the broker. */
  readonly queue: MessageQueue;
  readonly state: PopQueueState;
  /** Messages popped and not yet done. */
  readonly held: number;
  /** Messages left in the queues, as of the last pop. */
  readonly rest: number;
  /** Messages that came again because their time was up here. */
  readonly expired: number;
}

/** Acknowledgements under way at the end are waited for so long, in ms. */
const LAST_ACKS = 3_000;

/** Whether options ask for anything but pulling by the client's own rebalance. Pure. */
export const mayPop = (options: ResolvedPushConsumerOptions): boolean =>
  options.messageModel === 'clustering' && (!options.clientRebalance || options.messageRequestMode === 'pop');

/**
 * The popping half of a push consumer: which topics are popped, from which queues, and what becomes of the messages. The other half pulls what is not popped;
 * one consumer may do both. Java: the pop parts of `DefaultMQPushConsumerImpl`.
 */
export class PopEngine {
  /** How queues of pulled topics are shared out. */
  readonly sharing: QueueSharing;
  readonly #consumer: PopContext;
  readonly #modes: TopicModes;
  readonly #acker: PopAcker;
  readonly #queues: PopQueues;
  readonly #service: PopConsumeService;
  readonly #pulled = new Map<string, PushSubscription>();
  readonly #retries: PopRetries;
  readonly #watchdog: PullWatchdog<PopQueue>;
  #hasStarted = false;
  #refusal: RocketMQError | undefined;
  readonly #refused = new Set<string>();

  /** @param role is asked for a round when a queue is to begin anew */
  constructor(context: PushContext, sharing: QueueSharing, role: Pick<ConsumerRole, 'wake'>) {
    const { remoting, routes } = context.instance;
    const consumer = { ...context, pop: new PopApi(remoting, (address) => routes.originOf(address)) };
    const refuse = (topic: string, error: RocketMQError): void => this.#refuse(topic, error);
    this.#consumer = consumer;
    this.#modes = context.options.clientRebalance
      ? popAlways(consumer, sharing, refuse)
      : new BrokerModes(consumer, sharing, refuse);
    this.sharing = this.#modes.sharing;
    this.#retries = new PopRetries(consumer);
    this.#acker = new PopAcker(consumer);
    const settlement = new PopSettlement(consumer, this.#acker, new PopGiveBack(consumer, this.#acker));
    const Service =
      context.options.consumeMode === 'orderly' ? OrderlyPopConsumeService : ConcurrentPopConsumeService;
    this.#service = new Service(consumer, settlement);
    this.#queues = new PopQueues(consumer, this.#service, settlement);
    this.#watchdog = new PullWatchdog(consumer, watchedPops(consumer, this.#queues, role));
  }

  /** The context of the other half, whose subscriptions are those of pulled topics. */
  get pulled(): PushContext {
    return { ...this.#consumer, subscriptions: this.#pulled };
  }

  /** What is subscribed to beside what the user asked for. */
  get subscriptions(): ReadonlyMap<string, PushSubscription> {
    return this.#retries.subscriptions;
  }

  /** Rounds over all topics, made of those over pulled ones. `onChange` is told of topics that are popped from other queues. */
  rounds(pull: PulledRounds, onChange: (topic: string) => void): RebalanceRounds {
    return new PopRounds(this.#consumer, {
      modes: this.#modes,
      queues: this.#queues,
      pulled: this.#pulled,
      pull,
      onChange,
      retries: this.#consumer.options.clientRebalance ? undefined : this.#retries,
    });
  }

  /** To be called after the first round. @throws {PopUnsupportedError} or what else a broker had against popping as the options say */
  started(): void {
    this.#hasStarted = true;
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  /** Pops no more, and gives back what no listener has begun with; listeners at work have `deadline` ms. Acknowledgements are waited for. */
  async stop(deadline: number, patience = LAST_ACKS): Promise<void> {
    await this.#queues.stop(deadline);
    await this.#acker.stop(Math.min(patience, LAST_ACKS));
  }

  /** Listeners at work at the same time, from now on. */
  set concurrency(limit: number) {
    this.#service.concurrency = limit;
  }

  /** Pauses have changed: what rests no longer is popped and consumed again. */
  goOn(): void {
    for (const queue of this.#queues.all()) if (!this.#consumer.pauses.has(queue)) queue.mayPopAgain();
    this.#service.goOn();
  }

  /** Notices queues that nothing is popped from any more. */
  look(): void {
    this.#watchdog.look(this.#queues.all());
  }

  /** What is not well. */
  healthReasons(): HealthReason[] {
    const failing = this.#queues.all().filter(({ isFailing, state }) => isFailing && state === 'active');
    return failing.map(({ queue, key }) => {
      const message = `Pops of ${key} fail and are tried again`;
      return { kind: 'pullFailing', topic: queue.topic, queue, message };
    });
  }

  /** What is left to do by the last pops; there are no positions. */
  lags(): readonly QueueLag[] {
    const active = this.#queues.all().filter(({ state }) => state === 'active');
    return active.map(({ queue, rest, held }) => ({
      queue,
      consumed: 0,
      brokerMaxOffset: rest + held,
      lag: rest + held,
    }));
  }

  /** Listeners at work, by queue that was popped. */
  busy(): readonly { readonly queue: MessageQueue; readonly running: number }[] {
    return this.#queues.all().filter(({ running }) => running > 0);
  }

  queues(): readonly PopQueueStatus[] {
    return this.#queues
      .all()
      .map(({ queue, state, held, rest, expired }) => ({ queue, state, held, rest, expired }));
  }

  /** For mqadmin `consumerStatus`. */
  info(): readonly (readonly [MessageQueue, PopProcessQueueInfo])[] {
    return this.#queues
      .all()
      .map((each) => [
        each.queue,
        { waitAckCount: each.held, droped: each.state !== 'active', lastPopTimestamp: each.lastPopAt },
      ]);
  }

  #refuse(topic: string, error: RocketMQError): void {
    if (!this.#hasStarted) this.#refusal ??= error;
    if (this.#refused.has(`${topic} ${error.message}`)) return;
    this.#refused.add(`${topic} ${error.message}`);
    const kind = error.code === 'ERR_RMQ_POP_UNSUPPORTED' ? 'popUnsupported' : 'requestModeFailed';
    this.#consumer.emit('warning', { kind, topic, message: error.message });
  }
}
