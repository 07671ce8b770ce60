import { appendFileSync, closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { HistoryEvent } from './event.ts';

/** Takes down what happens. */
export interface Recorder {
  record(event: Omit<HistoryEvent, 'at'> & { readonly at?: number }): void;
}

/** A history in memory, by a clock of the caller's. */
export class MemoryHistory implements Recorder {
  readonly events: HistoryEvent[] = [];
  /** When false, what comes is not taken down. */
  isOpen = true;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  record(event: Omit<HistoryEvent, 'at'> & { readonly at?: number }): void {
    if (this.isOpen) this.events.push({ at: this.#now(), ...event });
  }
}

/** A history of JSON lines in a file, written at once: what the process did is there even if it is killed the next moment. */
export class FileHistory implements Recorder, Disposable {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  record(event: Omit<HistoryEvent, 'at'> & { readonly at?: number }): void {
    writeSync(this.#file, `${JSON.stringify({ at: sharedNow(), ...event })}\n`);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

/** Milliseconds of a clock that all processes of a machine share and that nobody sets. */
export const sharedNow = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

/** Reads the JSON lines of several processes into one history, in order of time. A last line that was cut off is left out. */
export function readHistories(paths: readonly string[]): HistoryEvent[] {
  return paths.flatMap((path) => parseHistory(readFileSync(path, 'utf8'))).sort((a, b) => a.at - b.at);
}

/** One file's events. */
export function parseHistory(text: string): HistoryEvent[] {
  return text.split('\n').flatMap((line) => {
    if (!line.endsWith('}')) return [];
    try {
      return [JSON.parse(line) as HistoryEvent];
    } catch {
      return [];
    }
  });
}

/** Writes a history for a later look. */
export function writeHistory(path: string, events: readonly HistoryEvent[]): void {
  appendFileSync(path, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
}
