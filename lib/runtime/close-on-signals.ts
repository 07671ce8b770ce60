import { constants } from 'node:os';

import { systemClock, withTimeout, type Clock } from './clock.ts';

/** Something that takes leave in order: consumers, producers, or whatever else has a `shutdown`. */
export interface Closable {
  /** `timeout` is for work that is under way, in ms. */
  shutdown(options: { readonly timeout: number }): Promise<void>;
  readonly consumerGroup?: string;
  readonly producerGroup?: string;
  /** Consumers tell of listeners that they wait for. */
  on?(event: 'draining', listener: (event: Draining) => void): unknown;
}

/** What a consumer tells at `draining`. */
interface Draining {
  readonly queues: readonly { readonly topic: string }[];
  readonly running: number;
}

/** What of the process is used; `process` itself fits. */
export interface SignalProcess {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  exit(code: number): void;
}

/** How {@link closeOnSignals} goes about it. */
export interface CloseOnSignalsOptions {
  /** Default SIGTERM and SIGINT. */
  readonly signals?: readonly NodeJS.Signals[];
  /** For everything, in ms; then the process ends, whatever still runs. Default 20,000: Kubernetes kills after 30 s. */
  readonly timeout?: number;
  /** Gets one line at a time. Default: to stderr. */
  readonly print?: (line: string) => void;
  /** Whether the process is ended afterwards: with 0, or 1 if something could not be closed. Default true. */
  readonly exit?: boolean;
  /** Default: this process. */
  readonly process?: SignalProcess;
  /** Default: the computer's clock. */
  readonly clock?: Clock;
}

/** Takes the handlers away; also for `using`. */
export type StopListening = (() => void) & Disposable;

/** Of the whole timeout this much is left for the last commits and the leave-taking, in ms. */
const LEAVE = 2_000;

/** How often is said what is still waited for, in ms. */
const REMINDER = 5_000;

/**
 * Closes clients when the process is told to end: consumers first, all at once, so that their listeners can still send; then producers. Says
 * what it waits for. A second signal ends the process at once, with 128 and the signal's number, as shells expect.
 *
 * ```ts
 * closeOnSignals(consumer, producer, { timeout: 25_000 });
 * ```
 */
export function closeOnSignals(
  ...given: readonly Closable[] | readonly [...Closable[], CloseOnSignalsOptions]
): StopListening {
  const all: readonly (Closable | CloseOnSignalsOptions)[] = given;
  const clients = all.filter(isClosable);
  const options = all.find((each): each is CloseOnSignalsOptions => !isClosable(each)) ?? {};
  const closer = new SignalCloser(clients, options);
  const stop = (): void => closer.stopListening();
  return Object.assign(stop, { [Symbol.dispose]: stop });
}

class SignalCloser {
  readonly #clients: readonly Closable[];
  readonly #signals: readonly NodeJS.Signals[];
  readonly #timeout: number;
  readonly #print: (line: string) => void;
  readonly #exits: boolean;
  readonly #process: SignalProcess;
  readonly #clock: Clock;
  readonly #open: Set<Closable>;
  #isClosing = false;

  constructor(clients: readonly Closable[], options: CloseOnSignalsOptions) {
    this.#clients = clients;
    this.#open = new Set(clients);
    this.#signals = options.signals ?? ['SIGTERM', 'SIGINT'];
    this.#timeout = options.timeout ?? 20_000;
    this.#print = options.print ?? ((line) => void process.stderr.write(`${line}\n`));
    this.#exits = options.exit ?? true;
    this.#process = options.process ?? process;
    this.#clock = options.clock ?? systemClock;
    for (const signal of this.#signals) this.#process.on(signal, this.#onSignal);
  }

  stopListening(): void {
    for (const signal of this.#signals) this.#process.off(signal, this.#onSignal);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.#isClosing) {
      this.#print(`${signal} again: leaving at once, without ${this.#names()}`);
      this.#process.exit(128 + constants.signals[signal]);
      return;
    }
    this.#isClosing = true;
    void this.#close(signal);
  };

  async #close(signal: NodeJS.Signals): Promise<void> {
    this.#print(`${signal}: closing ${this.#names()}, ${this.#timeout} ms at most; again: at once`);
    const began = this.#clock.uptime();
    const left = (): number => Math.max(0, this.#timeout - (this.#clock.uptime() - began));
    using deadline = withTimeout(this.#clock, this.#timeout);
    const late = new Promise<false>((resolve) =>
      deadline.signal.addEventListener('abort', () => resolve(false)),
    );
    const stopReminding = this.#remind(left);
    const isClosed = await Promise.race([this.#closeAll(left), late]);
    stopReminding();
    this.stopListening();
    const took = Math.round(this.#clock.uptime() - began);
    this.#print(
      isClosed ? `Closed in ${took} ms` : `Not closed within ${took} ms, left as it is: ${this.#names()}`,
    );
    if (this.#exits) this.#process.exit(isClosed ? 0 : 1);
  }

  async #closeAll(left: () => number): Promise<boolean> {
    const isProducer = ({ producerGroup }: Closable): boolean => producerGroup !== undefined;
    const first = this.#clients.filter((client) => !isProducer(client));
    const last = this.#clients.filter(isProducer);
    const one = await Promise.all(first.map(async (client) => this.#closeOne(client, left)));
    const two = await Promise.all(last.map(async (client) => this.#closeOne(client, left)));
    return [...one, ...two].every(Boolean);
  }

  /** Never rejects; says whether it went well. */
  async #closeOne(client: Closable, left: () => number): Promise<boolean> {
    client.on?.('draining', ({ queues, running }) =>
      this.#print(
        `Waiting for listeners of ${nameOf(client)}: ${running} messages in ${queues.length} queues of ${[...new Set(queues.map(({ topic }) => topic))].join(', ')}`,
      ),
    );
    try {
      await client.shutdown({ timeout: Math.max(left() / 2, left() - LEAVE) });
      this.#open.delete(client);
      return true;
    } catch (error) {
      this.#print(
        `Closing ${nameOf(client)} failed: ${error instanceof Error ? error.message : String(error)}`,
      );
      return false;
    }
  }

  #remind(left: () => number): () => void {
    const say = (): void => {
      this.#print(`Still waiting for ${this.#names()}, ${Math.round(left())} ms left`);
      timer = this.#clock.timer(REMINDER, say);
    };
    let timer = this.#clock.timer(REMINDER, say);
    return () => timer.cancel();
  }

  #names(): string {
    return [...this.#open].map(nameOf).join(', ') || 'nothing';
  }
}

const isClosable = (given: Closable | CloseOnSignalsOptions): given is Closable =>
  'shutdown' in given && typeof given.shutdown === 'function';

function nameOf({ consumerGroup, producerGroup }: Closable): string {
  if (consumerGroup !== undefined) return `consumer ${consumerGroup}`;
  return producerGroup === undefined ? 'a client' : `producer ${producerGroup}`;
}
