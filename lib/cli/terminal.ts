import type { Writable } from 'node:stream';

import picocolors from 'picocolors';

/** Colours by name; they leave the text as it is where colours are not wanted. */
export type Colors = ReturnType<typeof picocolors.createColors>;

/** Where a command writes to, and how it hears that it should end. */
export interface Terminal {
  /** Results. */
  readonly out: Writable;
  /** Everything else. */
  readonly err: Writable;
  readonly colors: Colors;
  /** Whether lines may be redrawn in place: a terminal, and not a log of a CI run. */
  readonly isLive: boolean;
  /** Width and height of the terminal. */
  size(): { readonly columns: number; readonly rows: number };
  /** Aborted at the first Ctrl-C or termination signal. */
  readonly signal: AbortSignal;
}

/** The terminal of this process. */
export function processTerminal(signal: AbortSignal): Terminal {
  const { stdout, stderr, env } = process;
  return {
    out: stdout,
    err: stderr,
    colors: picocolors.createColors(picocolors.isColorSupported),
    isLive: stdout.isTTY && env['TERM'] !== 'dumb' && (env['CI'] ?? '') === '',
    size: () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 }),
    signal,
  };
}
