/** Java's rest after FLOW_CONTROL, in ms; the first here. */
const FIRST = 20;

/** The longest rest, in ms. */
const LONGEST = 1_000;

/**
 * The rest between pulls that a broker asks for by refusing them (215, FLOW_CONTROL): twice as long after each refusal, half as long after
 * each answer, so that it settles where the broker has no reason to refuse. Java rests 20 ms each time.
 */
export class PullPace {
  #rest = 0;

  /** Ms between an answer and the next pull; 0 while the broker is content. */
  get rest(): number {
    return this.#rest;
  }

  /** Refused: the ms to wait before trying again. */
  refused(): number {
    this.#rest = Math.min(LONGEST, Math.max(FIRST, this.#rest * 2));
    return this.#rest;
  }

  answered(): void {
    if (this.#rest === 0) return;
    const half = Math.floor(this.#rest / 2);
    this.#rest = half < FIRST ? 0 : half;
  }
}
