import type { Clock } from '../../runtime/clock.ts';

/** The broker's lock on one owned queue, as far as this member knows. Java: `locked` and `lastLockTimestamp` of `ProcessQueue`. */
export class QueueLock {
  /** The broker's last word. */
  isLocked = false;
  /** Clock's `now` of the last grant; 0 before the first. */
  lastLockTimestamp = 0;
  /** How often it was to be given up while a listener was still at work. */
  tryUnlockTimes = 0;
  readonly #clock: Clock;
  readonly #trust: number;
  #until = -Infinity;
  #grantedUntil = -Infinity;

  /** @param trust how long a grant counts, in ms from the question */
  constructor(clock: Clock, trust: number) {
    this.#clock = clock;
    this.#trust = trust;
  }

  /** Whether a listener may begin. By the clock and not by a timer: a process that was frozen has late timers. */
  get isTrusted(): boolean {
    return this.#clock.uptime() < this.#until;
  }

  /** Whether the last grant has run out, in doubt or not. */
  get isExpired(): boolean {
    return this.#clock.uptime() >= this.#grantedUntil;
  }

  /** The broker gave or renewed it. @param askedAt clock's `uptime` when it was asked, the earliest moment that the broker counts from */
  grant(askedAt: number): void {
    this.isLocked = true;
    this.lastLockTimestamp = this.#clock.now();
    this.#until = askedAt + this.#trust;
    this.#grantedUntil = this.#until;
  }

  /** The broker may have forgotten it. */
  doubt(): void {
    this.#until = -Infinity;
  }

  /** Somebody else has it, or it was given back. */
  lose(): void {
    this.isLocked = false;
    this.doubt();
  }
}
