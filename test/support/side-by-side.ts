/**
 * Long runs that mostly wait, of several tests: they go on side by side, so many at a time and in the order in which they were
 * added, from when the first test asks for its own.
 */
export class SideBySide<T> {
  readonly #most: number;
  readonly #works = new Map<string, () => Promise<T>>();
  readonly #outcomes = new Map<string, Promise<PromiseSettledResult<T>>>();

  constructor(most: number) {
    this.#most = most;
  }

  add(name: string, work: () => Promise<T>): void {
    this.#works.set(name, work);
  }

  /** What came of one. A failure is thrown to whom it belongs, not before. */
  async outcome(name: string): Promise<T> {
    if (this.#outcomes.size === 0) this.#start();
    const outcome = await this.#outcomes.get(name);
    if (outcome === undefined) throw new Error(`Nobody has added ${name}`);
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  }

  #start(): void {
    const under: Promise<unknown>[] = [];
    for (const [name, work] of this.#works) {
      // The first have nothing to wait for, each later one for that which is so many before it.
      const before = under.at(-this.#most);
      const outcome = settled(async () => {
        await before;
        return work();
      });
      under.push(outcome);
      this.#outcomes.set(name, outcome);
    }
  }
}

async function settled<T>(work: () => Promise<T>): Promise<PromiseSettledResult<T>> {
  const [outcome] = await Promise.allSettled([work()]);
  return outcome;
}
