/** Width of the window that is averaged over, in ms. */
const WINDOW = 2_000;
const BUCKET = 100;

/** How often something happens each second, over the last two. */
export class RateMeter {
  readonly #buckets = new Map<number, number>();
  readonly #began: number;

  constructor(now: number) {
    this.#began = now;
  }

  add(now: number, count = 1): void {
    const bucket = Math.floor(now / BUCKET);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count);
  }

  /** Per second. */
  at(now: number): number {
    const oldest = Math.floor((now - WINDOW) / BUCKET);
    let sum = 0;
    for (const [bucket, count] of this.#buckets) {
      if (bucket <= oldest) this.#buckets.delete(bucket);
      else sum += count;
    }
    const span = Math.min(WINDOW, Math.max(BUCKET, now - this.#began));
    return Math.round((sum * 1_000) / span);
  }
}
