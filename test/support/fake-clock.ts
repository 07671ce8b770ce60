import { sleepBy } from '../../lib/runtime/clock.ts';
import type { Clock, Timer } from '../../lib/runtime/clock.ts';

class FakeTimer implements Timer {
  readonly at: number;
  /** Orders timers of the same time. */
  readonly order: number;
  run: (() => void) | undefined;
  readonly #onCancel: () => void;

  constructor(at: number, order: number, run: () => void, onCancel: () => void) {
    this.at = at;
    this.order = order;
    this.run = run;
    this.#onCancel = onCancel;
  }

  cancel(): void {
    if (this.run === undefined) return;
    this.run = undefined;
    this.#onCancel();
  }
}

/** Lets everything happen that can happen without time passing. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock that stands still until it is told to move. */
export class FakeClock implements Clock {
  readonly #start: number;
  readonly #settle: () => Promise<void>;
  #elapsed = 0;
  #order = 0;
  #pending = 0;
  /** A binary heap: the earliest timer first. Cancelled ones stay until they come to the top. */
  readonly #heap: FakeTimer[] = [];

  /** @param settled lets everything happen that can happen without time passing; the default suits all, even real sockets */
  constructor(start = 1_700_000_000_000, settled = settle) {
    this.#start = start;
    this.#settle = settled;
  }

  now(): number {
    // Whole milliseconds, as `Date.now()` gives.
    return Math.floor(this.#start + this.#elapsed);
  }

  uptime(): number {
    return this.#elapsed;
  }

  /** Timers that have neither fired nor been cancelled. */
  get pendingTimers(): number {
    return this.#pending;
  }

  timer(ms: number, run: () => void): Timer {
    const timer = new FakeTimer(this.#elapsed + Math.max(0, ms), this.#order++, run, () => this.#pending--);
    this.#pending++;
    this.#push(timer);
    return timer;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await sleepBy(this, ms, signal);
  }

  /** Lets `ms` go by: fires timers in order and lets the consequences of each settle before the next. */
  async advance(ms: number): Promise<void> {
    const until = this.#elapsed + ms;
    await this.#settle();
    for (let next = this.#take(until); next !== undefined; next = this.#take(until)) {
      this.#elapsed = Math.max(this.#elapsed, next.at);
      const { run } = next;
      next.run = undefined;
      if (run !== undefined) {
        this.#pending--;
        run();
        await this.#settle();
      }
    }
    this.#elapsed = until;
  }

  #push(timer: FakeTimer): void {
    const heap = this.#heap;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(timer, parent)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = timer;
  }

  /** The earliest timer that is due, out of the heap. */
  #take(until: number): FakeTimer | undefined {
    const heap = this.#heap;
    const top = heap[0];
    if (top === undefined || top.at > until) return undefined;
    const last = heap.pop();
    if (last !== undefined && last !== top) this.#sink(last);
    return top;
  }

  #sink(timer: FakeTimer): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, timer)) break;
      heap[index] = child;
      index = child === left ? 2 * index + 1 : 2 * index + 2;
    }
    heap[index] = timer;
  }
}

const isBefore = (a: FakeTimer, b: FakeTimer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
