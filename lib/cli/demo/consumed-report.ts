import type { Clock } from '../../runtime/clock.ts';
import type { MemberMessage } from './member-messages.ts';

/** Messages wait so long for others to be reported with, in ms. */
const GATHER = 5;

/** Reports consumed messages in batches. */
export class ConsumedReport {
  readonly #clock: Clock;
  readonly #tell: (message: MemberMessage) => Promise<void>;
  #gathered: [sequence: number, queueId: number][] = [];
  #reporting: Promise<void> | undefined;

  constructor(clock: Clock, tell: (message: MemberMessage) => Promise<void>) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Resolves when the report is out. */
  async add(sequence: number, queueId: number): Promise<void> {
    this.#gathered.push([sequence, queueId]);
    this.#reporting ??= this.#report();
    await this.#reporting;
  }

  async #report(): Promise<void> {
    const at = this.#clock.now();
    await this.#clock.sleep(GATHER);
    const messages = this.#gathered;
    this.#gathered = [];
    this.#reporting = undefined;
    await this.#tell({ kind: 'consumed', at, messages });
  }
}
