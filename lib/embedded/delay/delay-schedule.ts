import type { Clock, Timer } from '../../runtime/clock.ts';

interface Delayed<T> {
  /** By the clock's `now`. */
  readonly due: number;
  readonly item: T;
}

/**
 * Things that come due: delay levels, timed messages, messages that were popped. One timer, for the next of them, and
 * none when there is none. Java: `ScheduleMessageService`, `TimerMessageStore`, `PopReviveService`.
 */
export class DelaySchedule<T> {
  readonly #clock: Clock;
  readonly #deliver: (item: T) => void;
  /** By time; equal times in order of arrival. */
  #waiting: Delayed<T>[] = [];
  #timer: Timer | undefined;
  #running = false;

  constructor(clock: Clock, deliver: (item: T) => void) {
    this.#clock = clock;
    this.#deliver = deliver;
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(item: T, due: number): void {
    let [low, high] = [0, this.#waiting.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#waiting[middle]?.due ?? 0) <= due) low = middle + 1;
      else high = middle;
    }
    this.#waiting.splice(low, 0, { due, item });
    if (low === 0) this.#arm();
  }

  /** Forgets the first things for as long as they are over, and with the last of them the timer. */
  trim(isOver: (item: T) => boolean): void {
    let over = 0;
    for (const { item } of this.#waiting) {
      if (!isOver(item)) break;
      over++;
    }
    if (over === 0) return;
    this.#waiting.splice(0, over);
    this.#arm();
  }

  /** Forgets whatever fits; tells whether anything did. */
  remove(fits: (item: T) => boolean): boolean {
    const left = this.#waiting.filter(({ item }) => !fits(item));
    if (left.length === this.#waiting.length) return false;
    this.#waiting = left;
    this.#arm();
    return true;
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
    for (const { item } of due) this.#deliver(item);
    this.#arm();
  }
}
