import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import { RocketMQError } from '../../errors.ts';
import { abortable } from '../../runtime/abortable.ts';
import { deferred } from '../../runtime/deferred.ts';
import type { PushContext } from '../consumer-context.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import { BrokerLocks } from './broker-locks.ts';
import { LockClaim } from './lock-claim.ts';
import type { LockHandler } from './lock-handler.ts';
import { AFTER_FAILURE, trustFor } from './lock-pace.ts';
import { QueueLock } from './queue-lock.ts';

/** A lock that could not be given back is tried so often in all; then it runs out at the broker. */
const UNLOCK_ATTEMPTS = 2;

/**
 * The brokers' locks of this member's queues: asked for at assignment until they are given, renewed every `lockInterval`, given back after the last commit.
 *
 * Brokers keep locks in memory, by group and client id, for 60 s after the last renewal and whatever happens to the connection. A lock is
 * therefore trusted for half as long, and not at all from the end of a connection until the broker has confirmed it. Java: `RebalanceImpl.lock`, `lockAll` and `unlock`.
 */
export class QueueLocks {
  readonly #consumer: PushContext;
  readonly #handler: LockHandler;
  readonly #brokers = new Map<string, BrokerLocks>();
  readonly #homes = new WeakMap<OwnedQueue, string>();
  /** Locks that are being given back, by queue: until that is over the same queue is not asked for. */
  readonly #leaving = new Map<string, Promise<void>>();
  /** By broker, what is given back in this turn. */
  readonly #unlocks = new Map<string, { readonly queues: MessageQueue[]; readonly done: Promise<void> }>();

  constructor(consumer: PushContext, handler: LockHandler) {
    this.#consumer = consumer;
    this.#handler = handler;
    const { remoting } = consumer.instance;
    remoting.on('connected', this.#onConnected);
    remoting.on('disconnected', this.#onDisconnected);
  }

  /** Resolves when this member has the lock. Rejects when the ownership ends before. */
  async acquire(owned: OwnedQueue): Promise<void> {
    const { key, signal } = owned;
    await this.#leaving.get(key);
    signal.throwIfAborted();
    const { clock, options } = this.#consumer;
    const broker = this.#broker(this.#homeOf(owned));
    let claim = broker.claimOf(owned);
    if (claim?.lock.isTrusted === true) return;
    const granted = deferred();
    if (claim === undefined) {
      owned.lock = new QueueLock(clock, trustFor(options.lockInterval));
      claim = new LockClaim(owned, owned.lock, clock.uptime());
      broker.add(claim);
    }
    claim.whenGranted(() => granted.resolve());
    await abortable(granted.promise, signal);
  }

  /** Before the last commit: false if another member may have the lock, and may have committed more. */
  async confirm(owned: OwnedQueue): Promise<boolean> {
    const broker = this.#broker(this.#homeOf(owned));
    const claim = broker.claimOf(owned);
    return claim?.isHeld === true && (await broker.confirm(claim));
  }

  /** Gives the lock back, and waits for the broker's answer. A failure is logged: then the lock runs out by itself. */
  async release(owned: OwnedQueue): Promise<void> {
    const { key, queue } = owned;
    const brokerName = this.#homeOf(owned);
    const broker = this.#broker(brokerName);
    const claim = broker.claimOf(owned);
    if (claim === undefined) return;
    const leaving = broker.remove(claim).then(async () => this.#unlockSoon(queue, brokerName));
    this.#leaving.set(key, leaving);
    await leaving;
    if (this.#leaving.get(key) === leaving) this.#leaving.delete(key);
  }

  /** Nothing more is asked for or renewed. */
  stop(): void {
    const { remoting } = this.#consumer.instance;
    remoting.off('connected', this.#onConnected);
    remoting.off('disconnected', this.#onDisconnected);
    for (const broker of this.#brokers.values()) broker.stop();
  }

  /** The broker whose lock this ownership has, also when a logical queue has gone to another since. */
  #homeOf(owned: OwnedQueue): string {
    const home = this.#homes.get(owned) ?? this.#consumer.instance.routes.brokerOf(owned.queue);
    this.#homes.set(owned, home);
    return home;
  }

  #broker(name: string): BrokerLocks {
    let broker = this.#brokers.get(name);
    if (broker === undefined) {
      broker = new BrokerLocks(this.#consumer, name, this.#handler);
      this.#brokers.set(name, broker);
    }
    return broker;
  }

  /** One request for all queues of a broker that are given back in this turn. */
  async #unlockSoon(queue: MessageQueue, brokerName: string): Promise<void> {
    const open = this.#unlocks.get(brokerName);
    if (open !== undefined) {
      open.queues.push(queue);
      return open.done;
    }
    const queues = [queue];
    const done = Promise.resolve().then(async () => {
      this.#unlocks.delete(brokerName);
      await this.#unlock(brokerName, queues);
    });
    this.#unlocks.set(brokerName, { queues, done });
    return done;
  }

  async #unlock(brokerName: string, queues: readonly MessageQueue[]): Promise<void> {
    const { api, consumerGroup: group, clientId, logger } = this.#consumer;
    for (let attempt = 1; attempt <= UNLOCK_ATTEMPTS; attempt++) {
      const { address } = this.#broker(brokerName);
      if (address === undefined) return;
      try {
        await api.unlockBatch(address, { group, clientId, queues }, { brokerName });
        return;
      } catch (error) {
        if (!(error instanceof RocketMQError)) throw error;
        logger.warn({ brokerName, queues, error }, 'Queue locks could not be given back');
      }
    }
  }

  readonly #onConnected = ({ address }: { readonly address: string }): void => this.#doubt(address, 0);

  /** The end of a connection may be the end of the broker, and its locks are only in memory. */
  readonly #onDisconnected = ({ address }: { readonly address: string }): void =>
    this.#doubt(address, AFTER_FAILURE);

  #doubt(address: string, delay: number): void {
    for (const broker of this.#brokers.values()) if (broker.address === address) broker.doubtAll(delay);
  }
}
