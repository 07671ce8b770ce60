import type { Clock, Timer } from '../runtime/clock.ts';
import type { StoredRecord } from './records.ts';

interface Delayed {
  /** By the clock's `now`. */
  readonly due: number;
  readonly record: StoredRecord;
}

/**
 * Messages that are to appear later: delay levels and timed messages alike. One timer, for the next of them, and none
 * when there is none. Java: `ScheduleMessageService`, `TimerMessageStore`.
 */
export class DelaySchedule {
  readonly #clock: Clock;
  readonly #deliver: (record: StoredRecord) => void;
  /** By time; equal times in order of arrival. */
  readonly #waiting: Delayed[] = [];
  #timer: Timer | undefined;
  #running = false;

  constructor(clock: Clock, deliver: (record: StoredRecord) => void) {
    this.#clock = clock;
    this.#deliver = deliver;
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(record: StoredRecord, due: number): void {
    let [low, high] = [0, this.#waiting.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#waiting[middle]?.due ?? 0) <= due) low = middle + 1;
      else high = middle;
    }
    this.#waiting.splice(low, 0, { due, record });
    if (low === 0) this.#arm();
  }

  /** Goes on after {@link stop}; what came due meanwhile is delivered at once. */
  start(): void {
    this.#running = true;
    this.#arm();
  }

  stop(): void {
    this.#running = false;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const next = this.#waiting[0];
    if (next === undefined || !this.#running) return;
    this.#timer = this.#clock.timer(Math.max(0, next.due - this.#clock.now()), () => this.#run());
  }

  #run(): void {
    const now = this.#clock.now();
    const count = this.#waiting.findIndex((delayed) => delayed.due > now);
    const due = this.#waiting.splice(0, count < 0 ? this.#waiting.length : count);
    for (const { record } of due) this.#deliver(record);
    this.#arm();
  }
}
