import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/** A message that a listener was given. */
export interface Consumption {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly key: string;
  /** `broker:id`. */
  readonly queue: string;
  readonly offset: number;
  readonly member: string;
}

/** Something a member said besides: a rebalance, a warning. */
export interface Remark {
  readonly at: number;
  readonly member: string;
  readonly name: string;
  readonly detail: string;
}

/**
 * What a member consumed, one line per message in a file. A line is in the hands of the system before the listener
 * returns, so what a member was killed with SIGKILL after is on record, and nothing is that its listener never saw.
 */
export class ConsumptionLog {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  consumed({ at, key, queue, offset, member }: Consumption): void {
    writeSync(this.#file, `m\t${at}\t${key}\t${queue}\t${offset}\t${member}\n`);
  }

  remark({ at, member, name, detail }: Remark): void {
    writeSync(this.#file, `r\t${at}\t${member}\t${name}\t${detail.replaceAll(/[\t\n]/g, ' ')}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}

export interface LogContent {
  readonly consumptions: readonly Consumption[];
  readonly remarks: readonly Remark[];
}

/** Everything of one file; a line that is not complete yet is left out. */
export function readConsumptionLog(path: string): LogContent {
  const consumptions: Consumption[] = [];
  const remarks: Remark[] = [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  for (const line of lines) {
    const [kind, at, second = '', third = '', fourth = '', member = ''] = line.split('\t');
    if (kind === 'm') {
      consumptions.push({ at: Number(at), key: second, queue: third, offset: Number(fourth), member });
    } else {
      remarks.push({ at: Number(at), member: second, name: third, detail: fourth });
    }
  }
  return { consumptions, remarks };
}
