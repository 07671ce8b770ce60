import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConsumptionLog, type Consumption, type Remark } from './consumption-log.ts';
import { eventually } from './eventually.ts';

/** A message that was consumed again. */
export interface Repeat {
  readonly key: string;
  readonly first: Consumption;
  readonly again: Consumption;
}

export interface Account {
  readonly lost: readonly string[];
  readonly repeats: readonly Repeat[];
  /** Keys the broker stored more than once, because a send was tried again; these are no repeats of a consumer. */
  readonly storedTwice: number;
  readonly remarks: readonly Remark[];
}

/** What the members of a test consumed, against what the broker acknowledged to the producer. */
export class Ledger implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'rocketmq-members-'));
  #logs = 0;

  /** A file for one more member. */
  newLog(): string {
    return join(this.#folder, `${++this.#logs}.log`);
  }

  /** Waits until every acknowledged message was consumed, or the time (ms) is over, and adds up. */
  async settle(acknowledged: ReadonlyMap<string, number>, within = 15_000): Promise<Account> {
    let account = this.#account(acknowledged);
    await eventually(
      () => {
        account = this.#account(acknowledged);
        return account.lost.length === 0 ? account : undefined;
      },
      { what: 'consumption of all acknowledged messages', within, every: 100 },
    ).catch(() => undefined);
    return account;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #account(acknowledged: ReadonlyMap<string, number>): Account {
    const contents = readdirSync(this.#folder).map((name) => readConsumptionLog(join(this.#folder, name)));
    const remarks = contents.flatMap((content) => content.remarks).sort((a, b) => a.at - b.at);
    const all = contents.flatMap((content) => content.consumptions).sort((a, b) => a.at - b.at);
    const seen = new Map<string, Consumption>();
    const places = new Map<string, Consumption>();
    const repeats: Repeat[] = [];
    let storedTwice = 0;
    for (const consumption of all) {
      const { key, queue, offset } = consumption;
      const place = `${queue}:${offset}`;
      const first = places.get(place);
      if (first !== undefined) repeats.push({ key, first, again: consumption });
      else if (seen.has(key)) storedTwice++;
      places.set(place, first ?? consumption);
      seen.set(key, consumption);
    }
    return { lost: [...acknowledged.keys()].filter((key) => !seen.has(key)), repeats, storedTwice, remarks };
  }
}
