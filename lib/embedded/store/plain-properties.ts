import type { Manners } from '../manners.ts';

/** Properties that need nothing but to be stored, still in the form in which the request brought them. */
export interface PlainProperties {
  /** As they came. */
  readonly text: string;
  /** What the broker adds behind them. */
  readonly added: Buffer;
  readonly tags: string | undefined;
  readonly uniqueKey: string;
}

/** What a broker acts on or sets itself, and what readers would drop. */
const special =
  // oxlint-disable-next-line no-control-regex -- these characters separate properties
  /(?:^|\u0002)(?:DELAY|TIMER_|TRAN_MSG|POP_CK|REAL_|CLUSTER|MSG_REGION|TRACE_ON)|\u0001\u0002|\u0002\u0002|^\u0001/;

/**
 * Reads the properties of most messages: those without delays, transactions and the like. To store these as they came, without
 * making a map of them, saves a fifth of a send.
 */
export class PlainPropertiesReader {
  readonly #hasRegion: boolean;
  readonly #added: Buffer;
  readonly #addedWithEnd: Buffer;

  constructor(manners: Pick<Manners, 'regionProperties'>, clusterName: string) {
    this.#hasRegion = manners.regionProperties;
    const region = this.#hasRegion ? 'MSG_REGION\u0001DefaultRegion\u0002TRACE_ON\u0001true\u0002' : '';
    this.#added = Buffer.from(`CLUSTER\u0001${clusterName}\u0002${region}`);
    this.#addedWithEnd = Buffer.concat([Buffer.of(2), this.#added]);
  }

  /** Undefined for properties that need more than to be stored. */
  read(text: string): PlainProperties | undefined {
    // 4.9 takes WAIT away.
    if (special.test(text) || (!this.#hasRegion && text.includes('WAIT\u0001'))) return undefined;
    const uniqueKey = valueOf(text, 'UNIQ_KEY\u0001');
    if (uniqueKey === undefined) return undefined;
    const added = text.endsWith('\u0002') ? this.#added : this.#addedWithEnd;
    return { text, added, tags: valueOf(text, 'TAGS\u0001'), uniqueKey };
  }
}

function valueOf(text: string, start: string): string | undefined {
  const at = text.startsWith(start) ? 0 : text.indexOf(`\u0002${start}`) + 1;
  if (at === 0 && !text.startsWith(start)) return undefined;
  const end = text.indexOf('\u0002', at);
  return text.slice(at + start.length, end < 0 ? undefined : end);
}
