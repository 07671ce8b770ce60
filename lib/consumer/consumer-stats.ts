import type { Clock } from '../runtime/clock.ts';
import { DAY, HOUR, MINUTE, Samples, type Sample } from './samples.ts';

/** Counters of one topic since the consumer started. */
interface Counters {
  pulls: number;
  pulled: number;
  pullTime: number;
  consumed: number;
  consumeTime: number;
  failed: number;
  sentBack: number;
  undecodable: number;
  flowControlled: number;
  void: number;
}

/** Rates and times over a window. Java: `ConsumeStatus`. */
export interface ConsumeRates {
  /** Mean time of a pull in ms. */
  readonly pullRT: number;
  /** Messages pulled per second. */
  readonly pullTPS: number;
  /** Mean time of a listener in ms. */
  readonly consumeRT: number;
  readonly consumeOKTPS: number;
  readonly consumeFailedTPS: number;
  /** Failures in the window; of {@link ConsumerStats.rates} in the last hour, as Java's. */
  readonly consumeFailedMsgs: number;
}

const zero = (): Counters => ({
  pulls: 0,
  pulled: 0,
  pullTime: 0,
  consumed: 0,
  consumeTime: 0,
  failed: 0,
  sentBack: 0,
  undecodable: 0,
  flowControlled: 0,
  void: 0,
});

/** Rates over the last minute, hour and day. Java: `StatsItem`. */
export interface ConsumeWindows {
  readonly minute: ConsumeRates;
  readonly hour: ConsumeRates;
  readonly day: ConsumeRates;
}

interface Topic {
  readonly counters: Counters;
  readonly samples: Samples<Counters>;
}

/** What happened from one sample to another. Pure. */
function ratesBetween(first: Sample<Counters>, last: Sample<Counters>): ConsumeRates {
  const seconds = Math.max(1, last.at - first.at) / 1_000;
  const since = (name: keyof Counters): number => last.counters[name] - first.counters[name];
  const mean = (total: number, count: number): number => (count === 0 ? 0 : total / count);
  return {
    pullRT: mean(since('pullTime'), since('pulls')),
    pullTPS: since('pulled') / seconds,
    consumeRT: mean(since('consumeTime'), since('consumed')),
    consumeOKTPS: since('consumed') / seconds,
    consumeFailedTPS: since('failed') / seconds,
    consumeFailedMsgs: since('failed'),
  };
}

/** Counts per topic; rates come from samples that {@link sample} takes now and then. Java: `ConsumerStatsManager`. */
export class ConsumerStats {
  readonly #clock: Clock;
  readonly #topics = new Map<string, Topic>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  pulled(topic: string, messages: number, took: number): void {
    const counters = this.#of(topic);
    counters.pulls++;
    counters.pulled += messages;
    counters.pullTime += took;
  }

  consumed(topic: string, messages: number, took: number): void {
    const counters = this.#of(topic);
    counters.consumed += messages;
    counters.consumeTime += took * messages;
  }

  failed(topic: string, messages: number): void {
    this.#of(topic).failed += messages;
  }

  sentBack(topic: string): void {
    this.#of(topic).sentBack++;
  }

  undecodable(topic: string): void {
    this.#of(topic).undecodable++;
  }

  flowControlled(topic: string): void {
    this.#of(topic).flowControlled++;
  }

  /** Results that came after their ownership had ended: these messages are consumed again by somebody. */
  void(topic: string, messages: number): void {
    this.#of(topic).void += messages;
  }

  totals(): ReadonlyMap<string, Readonly<Counters>> {
    return new Map([...this.#topics].map(([topic, { counters }]) => [topic, { ...counters }]));
  }

  /** Remembers the counters of this moment, to tell rates from later. */
  sample(): void {
    const at = this.#clock.uptime();
    for (const { counters, samples } of this.#topics.values()) samples.add({ at, counters: { ...counters } });
  }

  /** The last minute, and the failures of the last hour: what mqadmin `consumerStatus` shows. A minute without messages takes the listeners' time from the hour, as in Java. */
  rates(topic: string): ConsumeRates {
    const { minute, hour } = this.windows(topic);
    const consumeRT = minute.consumeRT > 0 ? minute.consumeRT : hour.consumeRT;
    return { ...minute, consumeRT, consumeFailedMsgs: hour.consumeFailedMsgs };
  }

  /** The last minute, hour and day, or since the first message of the topic where that is shorter. */
  windows(topic: string): ConsumeWindows {
    const { counters, samples } = this.#entry(topic);
    const at = this.#clock.uptime();
    const over = (window: number): ConsumeRates => ratesBetween(samples.first(at - window), { at, counters });
    return { minute: over(MINUTE), hour: over(HOUR), day: over(DAY) };
  }

  #of(topic: string): Counters {
    return this.#entry(topic).counters;
  }

  #entry(topic: string): Topic {
    let entry = this.#topics.get(topic);
    if (entry === undefined) {
      entry = {
        counters: zero(),
        samples: new Samples<Counters>({ at: this.#clock.uptime(), counters: zero() }),
      };
      this.#topics.set(topic, entry);
    }
    return entry;
  }
}
