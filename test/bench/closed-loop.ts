import { Histogram } from './histogram.ts';

export interface LoopOptions {
  /** Operations under way at any time. */
  readonly inFlight: number;
  /** Seconds that are measured. */
  readonly seconds: number;
  /** Seconds before that. */
  readonly warmUp: number;
}

export interface LoopResult {
  readonly seconds: number;
  readonly messages: number;
  readonly failed: number;
  readonly firstError?: string;
  readonly messagesPerSecond: number;
  readonly cpuMicrosPerMessage: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly maxMicros: number;
}

/** Counters of one period. */
class Period {
  readonly histogram = new Histogram();
  failed = 0;
  firstError: string | undefined;
  readonly #startedAt = performance.now();
  readonly #cpu = process.cpuUsage();

  result(): LoopResult {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const { user, system } = process.cpuUsage(this.#cpu);
    const messages = this.histogram.count;
    return {
      seconds: round(seconds),
      messages,
      failed: this.failed,
      ...(this.firstError !== undefined && { firstError: this.firstError }),
      messagesPerSecond: Math.round(messages / seconds),
      cpuMicrosPerMessage: round((user + system) / Math.max(messages, 1)),
      p50Micros: this.histogram.percentile(0.5),
      p99Micros: this.histogram.percentile(0.99),
      maxMicros: this.histogram.max,
    };
  }
}

/**
 * Keeps `inFlight` operations under way, each followed by the next, and measures after the warm-up. Only operations that
 * succeed count; a run with failures must be read as failed. The processor time is that of the whole process.
 */
export async function runClosedLoop(
  operation: () => Promise<unknown>,
  options: LoopOptions,
): Promise<LoopResult> {
  let period = new Period();
  const loop = { running: true };
  const worker = async (): Promise<void> => {
    while (loop.running) {
      const startedAt = performance.now();
      try {
        await operation();
        period.histogram.record(performance.now() - startedAt);
      } catch (error) {
        period.failed++;
        period.firstError ??= error instanceof Error ? error.message : JSON.stringify(error);
      }
    }
  };
  const workers = Array.from({ length: options.inFlight }, worker);
  await pause(options.warmUp);
  const warmUp = period;
  period = new Period();
  await pause(options.seconds);
  const result = period.result();
  loop.running = false;
  await Promise.all(workers);
  return warmUp.failed > 0
    ? { ...result, failed: result.failed + warmUp.failed, firstError: warmUp.firstError ?? '' }
    : result;
}

export const round = (value: number): number => Math.round(value * 1000) / 1000;

export const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));
