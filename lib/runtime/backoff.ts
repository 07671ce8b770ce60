import type { Random } from './random.ts';

export interface BackoffOptions {
  readonly random: Random;
  /** Milliseconds before the first retry. */
  readonly first: number;
  /** Milliseconds that no wait exceeds. */
  readonly max: number;
  /** What each wait is multiplied by; default 2. */
  readonly factor?: number;
}

/** Growing waits between retries. Each is drawn from the upper half of its range, so that clients do not march in step. */
export class Backoff {
  readonly #options: BackoffOptions;
  #attempts = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Retries since the last success. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Milliseconds to wait before the next retry. */
  next(): number {
    const { random, first, max, factor = 2 } = this.#options;
    const longest = Math.min(max, first * factor ** this.#attempts);
    this.#attempts++;
    return longest * (1 + random.next()) * 0.5;
  }

  /** It worked: begin anew. */
  reset(): void {
    this.#attempts = 0;
  }
}
