/** Milliseconds as people read them: `38 ms`, `1.24 s`, `20.3 s`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** A count with separators, as in `2,431`. */
export const count = (number: number): string => number.toLocaleString('en');

/** A moment of the timeline, as wide as others. */
export const moment = (ms: number): string => `${(ms / 1_000).toFixed(2).padStart(6)} s`;
