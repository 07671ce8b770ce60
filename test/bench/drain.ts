import { pause, round } from './closed-loop.ts';

export interface DrainResult {
  readonly messages: number;
  readonly expected: number;
  readonly failed: number;
  /** From the first message to the last. */
  readonly seconds: number;
  readonly messagesPerSecond: number;
  readonly cpuMicrosPerMessage: number;
  /** From the start of the process to the last message. */
  readonly wholeSeconds: number;
  readonly wholeCpuMicrosPerMessage: number;
}

interface Mark {
  readonly at: number;
  readonly cpu: number;
}

function mark(): Mark {
  const { user, system } = process.cpuUsage();
  return { at: performance.now(), cpu: user + system };
}

/** Counts the messages of a backlog and notes time and processor time at the first and at the last. */
export class Drain {
  readonly #expected: number;
  #seen = 0;
  #first: Mark | undefined;
  #last: Mark | undefined;
  #finish: (() => void) | undefined;

  constructor(expected: number) {
    this.#expected = expected;
  }

  /** To be called for each message, by a listener that does nothing else. */
  readonly count = (): void => {
    if (this.#seen++ === 0) this.#first = mark();
    if (this.#seen === this.#expected) {
      this.#last = mark();
      this.#finish?.();
    }
  };

  /** Resolves when all have come, or after so many seconds. */
  async done(atMost: number): Promise<DrainResult> {
    if (this.#seen < this.#expected) {
      await Promise.race([new Promise<void>((resolve) => (this.#finish = resolve)), pause(atMost)]);
    }
    const first = this.#first ?? mark();
    const last = this.#last ?? mark();
    const seconds = (last.at - first.at) / 1000;
    const messages = Math.max(1, this.#seen);
    return {
      messages: this.#seen,
      expected: this.#expected,
      failed: Math.max(0, this.#expected - this.#seen),
      seconds: round(seconds),
      messagesPerSecond: Math.round(this.#seen / Math.max(seconds, 0.001)),
      cpuMicrosPerMessage: round((last.cpu - first.cpu) / messages),
      wholeSeconds: round(last.at / 1000),
      wholeCpuMicrosPerMessage: round(last.cpu / messages),
    };
  }
}

/** Processor time of a process that has nothing to do, as a part of one core. */
export async function measureIdle(seconds: number, warmUp: number): Promise<object> {
  await pause(warmUp);
  const from = mark();
  await pause(seconds);
  const to = mark();
  const elapsed = to.at - from.at;
  return { seconds: round(elapsed / 1000), corePercent: round((to.cpu - from.cpu) / elapsed / 10) };
}
