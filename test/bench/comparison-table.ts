import type { Noise } from './noise-guard.ts';

/** What one process measured. */
export interface Sample {
  readonly failed: number;
  readonly messagesPerSecond: number;
  readonly cpuMicrosPerMessage: number;
  readonly p50Micros?: number;
  readonly p99Micros?: number;
  /** Only of programs that print no percentiles. */
  readonly meanMicros?: number;
  /** What the program itself printed, where the figures above were taken from outside. */
  readonly printedPerSecond?: number;
}

export type GuardedSample = Sample & { readonly noise: Noise };

/** The medians of one client. */
export interface Summary extends Sample {
  /** The lowest and the highest of the samples. */
  readonly cpuRange: readonly [number, number];
  /** Processor time of ours divided by theirs: below 1 we are cheaper. */
  readonly oursByTheirs: number | undefined;
  /** Samples that were taken while the machine was busy with something else. */
  readonly disturbed: number;
  readonly samples: readonly GuardedSample[];
}

export type Summaries = Readonly<Record<string, Summary>>;

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** Medians per client, and our processor time against theirs. */
export function summarise(samples: ReadonlyMap<string, readonly GuardedSample[]>): Summaries {
  const cpuOf = (list: readonly Sample[]): number[] =>
    list.map(({ cpuMicrosPerMessage }) => cpuMicrosPerMessage);
  const ours = median(cpuOf(samples.get('ours') ?? []));
  return Object.fromEntries(
    [...samples].map(([client, list]) => {
      const middle = (read: (sample: Sample) => number | undefined): number | undefined =>
        median(list.map(read).filter((value) => value !== undefined));
      const cpuMicrosPerMessage = median(cpuOf(list)) ?? Number.NaN;
      const p50Micros = middle((sample) => sample.p50Micros);
      const p99Micros = middle((sample) => sample.p99Micros);
      const meanMicros = middle((sample) => sample.meanMicros);
      const summary: Summary = {
        failed: list.reduce((sum, { failed }) => sum + failed, 0),
        messagesPerSecond: middle((sample) => sample.messagesPerSecond) ?? 0,
        cpuMicrosPerMessage,
        cpuRange: [Math.min(...cpuOf(list)), Math.max(...cpuOf(list))],
        ...(p50Micros !== undefined && { p50Micros }),
        ...(p99Micros !== undefined && { p99Micros }),
        ...(meanMicros !== undefined && { meanMicros }),
        oursByTheirs: ours === undefined ? undefined : round(ours / cpuMicrosPerMessage),
        disturbed: list.filter(({ noise }) => noise.disturbed).length,
        samples: list,
      };
      return [client, summary];
    }),
  );
}

/** The lower one of the two in the middle; `undefined` of nothing. */
export function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

/** Prints one line per client. */
export function printTable(title: string, summaries: Summaries): void {
  const rows = Object.entries(summaries).map(([client, summary]) => [
    client,
    {
      'cpu us/message': summary.cpuMicrosPerMessage,
      'lowest – highest': summary.cpuRange.join(' – '),
      'ours / theirs': summary.oursByTheirs,
      'messages/s': summary.messagesPerSecond,
      'p50 us': summary.p50Micros ?? '',
      'p99 us': summary.p99Micros ?? '',
      'mean us': summary.meanMicros ?? '',
      failed: summary.failed,
      disturbed: `${summary.disturbed} of ${summary.samples.length}`,
    },
  ]);
  console.log(`\n${title}`);
  console.table(Object.fromEntries(rows));
}
