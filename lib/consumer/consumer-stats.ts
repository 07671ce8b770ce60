import type { Clock } from '../runtime/clock.ts';

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

/** Rates and times over the last minute, as mqadmin `consumerStatus` shows them. Java: `ConsumeStatus`. */
export interface ConsumeRates {
  /** Mean time of a pull in ms. */
  readonly pullRT: number;
  /** Messages pulled per second. */
  readonly pullTPS: number;
  /** Mean time of a listener in ms. */
  readonly consumeRT: number;
  readonly consumeOKTPS: number;
  readonly consumeFailedTPS: number;
  /** Failures since the start. */
  readonly consumeFailedMsgs: number;
}

const WINDOW = 60_000;
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

interface Sample {
  readonly at: number;
  readonly counters: Counters;
}

/** Counts per topic; rates come from samples that {@link sample} takes now and then. Java: `ConsumerStatsManager`. */
export class ConsumerStats {
  readonly #clock: Clock;
  readonly #topics = new Map<string, { counters: Counters; samples: Sample[] }>();

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

  /** Remembers the counters of this moment and forgets those of more than a minute ago. */
  sample(): void {
    const at = this.#clock.uptime();
    for (const { counters, samples } of this.#topics.values()) {
      samples.push({ at, counters: { ...counters } });
      while ((samples[1]?.at ?? at) < at - WINDOW) samples.shift();
    }
  }

  rates(topic: string): ConsumeRates {
    const { counters, samples } = this.#entry(topic);
    const first = samples[0] ?? { at: this.#clock.uptime() - 1, counters: zero() };
    const seconds = Math.max(1, this.#clock.uptime() - first.at) / 1_000;
    const since = (name: keyof Counters): number => counters[name] - first.counters[name];
    const mean = (total: number, count: number): number => (count === 0 ? 0 : total / count);
    return {
      pullRT: mean(since('pullTime'), since('pulls')),
      pullTPS: since('pulled') / seconds,
      consumeRT: mean(since('consumeTime'), since('consumed')),
      consumeOKTPS: since('consumed') / seconds,
      consumeFailedTPS: since('failed') / seconds,
      consumeFailedMsgs: counters.failed,
    };
  }

  #of(topic: string): Counters {
    return this.#entry(topic).counters;
  }

  #entry(topic: string): { counters: Counters; samples: Sample[] } {
    let entry = this.#topics.get(topic);
    if (entry === undefined) {
      entry = { counters: zero(), samples: [{ at: this.#clock.uptime(), counters: zero() }] };
      this.#topics.set(topic, entry);
    }
    return entry;
  }
}
