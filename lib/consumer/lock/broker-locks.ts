import { queueKey } from '../../../protocol/model/message-queue.ts';
import { BrokerNotFoundError, RocketMQError } from '../../errors.ts';
import { abortable } from '../../runtime/abortable.ts';
import type { Timer } from '../../runtime/clock.ts';
import type { PushContext } from '../consumer-context.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import type { LockClaim } from './lock-claim.ts';
import type { LockHandler } from './lock-handler.ts';
import { AFTER_FAILURE, askAgainAfter, BROKER_LOCK_LIFE, WORTH_TELLING } from './lock-pace.ts';

/**
 * The locks of this member at one broker: one question at a time, for all queues that one is due for. Questions under way are waited for before a lock
 * is given back, because a broker may carry out the two in the other order.
 */
export class BrokerLocks {
  readonly #consumer: PushContext;
  readonly #brokerName: string;
  readonly #handler: LockHandler;
  readonly #claims = new Map<string, LockClaim>();
  #question: Promise<void> | undefined;
  #timer: Timer | undefined;
  #isSoon = false;
  #failures = 0;

  constructor(consumer: PushContext, brokerName: string, handler: LockHandler) {
    this.#consumer = consumer;
    this.#brokerName = brokerName;
    this.#handler = handler;
  }

  claimOf(owned: OwnedQueue): LockClaim | undefined {
    const claim = this.#claims.get(owned.key);
    return claim?.owned === owned ? claim : undefined;
  }

  get address(): string | undefined {
    return this.#consumer.instance.routes.brokerAddress(this.#brokerName);
  }

  /** Asks for a lock, in place of an earlier ownership of the same queue; those that are added in one turn share a question. */
  add(claim: LockClaim): void {
    this.#claims.set(claim.owned.key, claim);
    this.#schedule();
  }

  /** It is asked for no more, once this resolves not even by a question under way. */
  async remove(claim: LockClaim): Promise<void> {
    this.#claims.delete(claim.owned.key);
    claim.lock.lose();
    this.#schedule();
    await this.#question;
  }

  /** The connection has ended, or there is one again: what the broker remembers must be asked. */
  doubtAll(delay: number): void {
    const dueAt = this.#consumer.clock.uptime() + delay;
    for (const claim of this.#claims.values()) claim.doubt(dueAt);
    this.#schedule();
  }

  /** Asks now, and waits for the answer; true if the lock may be trusted. */
  async confirm(claim: LockClaim): Promise<boolean> {
    if (!claim.lock.isTrusted) {
      await this.#question;
      claim.dueAt = this.#consumer.clock.uptime();
      this.#ask();
      await this.#question;
    }
    return claim.lock.isTrusted;
  }

  stop(): void {
    this.#claims.clear();
    this.#timer?.cancel();
  }

  #schedule(): void {
    this.#timer?.cancel();
    if (this.#question !== undefined || this.#isSoon) return;
    const dueAt = Math.min(...this.#live().map((claim) => claim.dueAt));
    if (dueAt === Infinity) return;
    const { clock } = this.#consumer;
    const wait = dueAt - clock.uptime();
    if (wait > 0) {
      this.#timer = clock.timer(wait, () => this.#ask());
      return;
    }
    this.#isSoon = true;
    queueMicrotask(() => {
      this.#isSoon = false;
      this.#ask();
    });
  }

  #live(): LockClaim[] {
    return [...this.#claims.values()].filter(({ owned }) => !owned.isEnded);
  }

  /** What is due; and if a renewal is among that, all renewals, so that they stay one question. */
  #ask(): void {
    if (this.#question !== undefined) return;
    const now = this.#consumer.clock.uptime();
    const live = this.#live();
    const isRenewal = live.some(({ isHeld, dueAt }) => isHeld && dueAt <= now);
    const asked = live.filter(({ isHeld, dueAt }) => dueAt <= now || (isRenewal && isHeld));
    if (asked.length > 0)
      this.#question = this.#put(asked, now).finally(() => {
        this.#question = undefined;
        this.#schedule();
      });
    else this.#schedule();
  }

  async #put(asked: readonly LockClaim[], askedAt: number): Promise<void> {
    const { api, consumerGroup: group, clientId } = this.#consumer;
    const brokerName = this.#brokerName;
    const doubts = asked.map((claim) => claim.doubts);
    try {
      const { address } = this;
      if (address === undefined) throw new BrokerNotFoundError(brokerName);
      const queues = asked.map(({ owned }) => owned.queue);
      const locked = await api.lockBatch(address, { group, clientId, queues }, { brokerName });
      const keys = new Set(locked.map(queueKey));
      this.#failures = 0;
      const taken = asked.map(async (claim, index) => {
        // Released, or the broker may have forgotten it, since the question was put.
        if (this.claimOf(claim.owned) !== claim || claim.doubts !== doubts[index]) return;
        if (keys.has(claim.owned.key)) await this.#granted(claim, askedAt);
        else this.#refused(claim);
      });
      await Promise.all(taken);
    } catch (error) {
      if (!(error instanceof RocketMQError)) throw error;
      this.#failed(asked, error);
    }
  }

  async #granted(claim: LockClaim, askedAt: number): Promise<void> {
    const { owned, lock, doubts } = claim;
    const mayHaveBeenTaken = claim.isHeld && !lock.isTrusted && owned.state !== 'starting';
    if (mayHaveBeenTaken && !(await this.#isUpToDate(claim))) return;
    if (claim.doubts !== doubts || this.claimOf(owned) !== claim) return;
    claim.dueAt = askedAt + this.#consumer.options.lockInterval;
    claim.grant(askedAt);
    if (mayHaveBeenTaken) this.#handler.onTrusted(owned);
  }

  /** Another member may have had the lock, worked on the queue, and be gone again. */
  async #isUpToDate(claim: LockClaim): Promise<boolean> {
    try {
      if (await abortable(this.#handler.isUpToDate(claim.owned), claim.owned.signal)) return true;
      if (!claim.owned.isEnded) this.#lost(claim, 'taken');
    } catch {
      claim.dueAt = this.#consumer.clock.uptime() + AFTER_FAILURE;
    }
    return false;
  }

  #refused(claim: LockClaim): void {
    if (claim.isHeld) {
      this.#lost(claim, 'taken');
      return;
    }
    const { clock, emit } = this.#consumer;
    const now = clock.uptime();
    claim.dueAt = now + askAgainAfter(now - claim.since);
    if (claim.quietUntil === Infinity) claim.quietUntil = claim.since + WORTH_TELLING;
    if (now < claim.quietUntil) return;
    claim.quietUntil = now + BROKER_LOCK_LIFE + WORTH_TELLING;
    const wall = clock.now();
    // If its owner is dead, it renewed the lock just now at the latest.
    const until = wall + BROKER_LOCK_LIFE;
    emit('queueLocked', { queue: claim.owned.queue, since: Math.floor(wall - (now - claim.since)), until });
  }

  #lost(claim: LockClaim, reason: 'taken' | 'expired'): void {
    const { owned, lock } = claim;
    const lastLocked = lock.lastLockTimestamp;
    if (reason === 'taken') {
      lock.lose();
      this.#claims.delete(owned.key);
      this.#handler.onLost(owned);
    }
    this.#consumer.emit('lockLost', { queue: owned.queue, reason, lastLocked });
  }

  #failed(asked: readonly LockClaim[], error: RocketMQError): void {
    const { clock, emit } = this.#consumer;
    const dueAt = clock.uptime() + AFTER_FAILURE;
    const live = asked.filter((claim) => this.claimOf(claim.owned) === claim && !claim.owned.isEnded);
    for (const claim of live) {
      claim.dueAt = dueAt;
      if (!claim.isHeld || claim.isExpiryTold || !claim.lock.isExpired) continue;
      claim.isExpiryTold = true;
      this.#lost(claim, 'expired');
    }
    const [first] = live;
    if (first === undefined || ++this.#failures > 1) return;
    const message = `Asking ${this.#brokerName} for the locks of ${live.length} queues failed and is tried again: ${error.message}`;
    emit('warning', { kind: 'lockFailed', queue: first.owned.queue, message, error });
  }
}
