import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The user, or the system, wants the command to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** As shells report it: 128 and the signal's number. */
  readonly exitCode: number;

  constructor(signal: (typeof signals)[number]) {
    super(`Interrupted by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** The first signal asks the command to end, by the abort signal; the second ends the process at once. */
export class Interrupts implements Disposable {
  readonly #abort = new AbortController();
  readonly #listeners = signals.map((name) => [name, () => this.#interrupt(name)] as const);

  constructor() {
    for (const [name, listener] of this.#listeners) process.on(name, listener);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  [Symbol.dispose](): void {
    for (const [name, listener] of this.#listeners) process.off(name, listener);
  }

  #interrupt(name: (typeof signals)[number]): void {
    const reason = new Interrupted(name);
    if (this.#abort.signal.aborted) process.exit(reason.exitCode);
    this.#abort.abort(reason);
  }
}
