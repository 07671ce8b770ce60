import type { Deferred } from './deferred.ts';
import { deferred } from './deferred.ts';

/** Values handed from one piece of code to another that awaits them. Ends when it is closed and empty. */
export class AsyncQueue<T> implements AsyncIterable<T> {
  #values: T[] = [];
  /** Index of the first value: shifting an array costs its length. */
  #head = 0;
  readonly #takers = new Set<Deferred<IteratorResult<T, undefined>>>();
  #closed = false;
  #error: Error | undefined;

  /** Values that wait to be taken. */
  get size(): number {
    return this.#values.length - this.#head;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Adds a value; `false` when the queue is closed and the value was not taken. */
  push(value: T): boolean {
    if (this.#closed) return false;
    for (const taker of this.#takers) {
      this.#takers.delete(taker);
      taker.resolve({ done: false, value });
      return true;
    }
    this.#values.push(value);
    return true;
  }

  /** No more values. What is queued can still be taken; then takers see the end, or the error. */
  close(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#error = error;
    for (const taker of this.#takers) {
      if (error === undefined) taker.resolve({ done: true, value: undefined });
      else taker.reject(error);
    }
    this.#takers.clear();
  }

  /** The first value, when there is one; rejects with the signal's reason when it aborts before. */
  async next(signal?: AbortSignal): Promise<IteratorResult<T, undefined>> {
    signal?.throwIfAborted();
    if (this.size > 0) return { done: false, value: this.#shift() };
    if (this.#error !== undefined) throw this.#error;
    if (this.#closed) return { done: true, value: undefined };
    const taker = deferred<IteratorResult<T, undefined>>();
    const abort = (): void => {
      this.#takers.delete(taker);
      taker.reject(signal?.reason);
    };
    this.#takers.add(taker);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await taker.promise;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return {
      next: async () => this.next(),
      return: async () => {
        this.close();
        return { done: true, value: undefined };
      },
    };
  }

  #shift(): T {
    const value = this.#values[this.#head] as T;
    this.#head++;
    if (this.#head > 1_024 && this.#head * 2 > this.#values.length) {
      this.#values = this.#values.slice(this.#head);
      this.#head = 0;
    } else if (this.#head === this.#values.length) {
      this.#values.length = 0;
      this.#head = 0;
    }
    return value;
  }
}
