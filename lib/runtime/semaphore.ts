interface Waiter {
  readonly grant: () => void;
}

/** Lets a limited number of things happen at a time; those that wait go in order. */
export class Semaphore {
  #permits: number;
  readonly #waiting = new Set<Waiter>();

  constructor(permits: number) {
    this.#permits = permits;
  }

  /** Permits that are free; negative while more are out than a smaller limit allows. */
  get available(): number {
    return this.#permits;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes a permit if one is free. */
  tryAcquire(): boolean {
    if (this.#permits <= 0) return false;
    this.#permits--;
    return true;
  }

  /** Waits for a permit; rejects with the signal's reason when it aborts before. */
  async acquire(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.tryAcquire()) return;
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.delete(waiter);
        reject(signal?.reason as Error);
      };
      const waiter: Waiter = {
        grant() {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      this.#waiting.add(waiter);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Gives a permit back, to the first that waits if there is one. */
  release(): void {
    this.#permits++;
    this.#grant();
  }

  /** Changes the limit by so many permits, up or down; work that runs is not disturbed. */
  adjust(difference: number): void {
    this.#permits += difference;
    this.#grant();
  }

  /** Does `work` while it holds a permit. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.acquire(signal);
    try {
      return await work();
    } finally {
      this.release();
    }
  }

  #grant(): void {
    for (const waiter of this.#waiting) {
      if (!this.tryAcquire()) return;
      this.#waiting.delete(waiter);
      waiter.grant();
    }
  }
}
