export interface Figures {
  readonly count: number;
  readonly median: number;
  readonly max: number;
}

export function figures(values: readonly number[]): Figures {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
    max: sorted.at(-1) ?? 0,
  };
}

/** `median 34 ms, max 120 ms` */
export function millis(values: readonly number[]): string {
  const { median, max } = figures(values);
  return `median ${Math.round(median)} ms, max ${Math.round(max)} ms`;
}

/** One line of a test's report. */
export function report(text: string): void {
  console.log(`      ${text}`);
}
