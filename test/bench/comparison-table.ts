/** What one process measured. */
export interface Sample {
  readonly failed: number;
  readonly messagesPerSecond: number;
  readonly cpuMicrosPerMessage: number;
  readonly p50Micros?: number;
  readonly p99Micros?: number;
}

/** The medians of one client. */
export interface Summary extends Sample {
  /** Processor time of ours divided by theirs: below 1 we are cheaper. */
  readonly oursByTheirs: number | undefined;
  readonly samples: readonly Sample[];
}

/** Medians per client, and our processor time against theirs. */
export function summarise(samples: ReadonlyMap<string, readonly Sample[]>): Record<string, Summary> {
  const ours = median((samples.get('ours') ?? []).map(({ cpuMicrosPerMessage }) => cpuMicrosPerMessage));
  return Object.fromEntries(
    [...samples].map(([client, list]) => {
      const middle = (field: keyof Sample): number | undefined =>
        median(list.map((sample) => sample[field]).filter((value) => value !== undefined));
      const cpuMicrosPerMessage = middle('cpuMicrosPerMessage') ?? Number.NaN;
      const [p50Micros, p99Micros] = [middle('p50Micros'), middle('p99Micros')];
      return [
        client,
        {
          failed: list.reduce((sum, { failed }) => sum + failed, 0),
          messagesPerSecond: middle('messagesPerSecond') ?? 0,
          cpuMicrosPerMessage,
          ...(p50Micros !== undefined && { p50Micros }),
          ...(p99Micros !== undefined && { p99Micros }),
          oursByTheirs:
            ours === undefined ? undefined : Math.round((ours / cpuMicrosPerMessage) * 1000) / 1000,
          samples: list,
        },
      ];
    }),
  );
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** Prints the summaries of a report, and the report as one line of JSON. */
export function printTable(report: Readonly<Record<string, unknown>>): void {
  for (const mode of ['producer', 'consumer']) {
    const summaries = report[mode] as Record<string, Summary> | undefined;
    if (summaries === undefined) continue;
    console.log(`\n${mode} (medians)`);
    console.table(
      Object.fromEntries(
        Object.entries(summaries).map(
          ([
            client,
            { cpuMicrosPerMessage, messagesPerSecond, p50Micros, p99Micros, failed, oursByTheirs },
          ]) => [
            client,
            {
              'cpu us/message': cpuMicrosPerMessage,
              'messages/s': messagesPerSecond,
              'p50 us': p50Micros,
              'p99 us': p99Micros,
              failed,
              'ours / theirs': oursByTheirs,
            },
          ],
        ),
      ),
    );
  }
  console.log(JSON.stringify(report));
}
