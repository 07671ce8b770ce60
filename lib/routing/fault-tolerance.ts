import type { Clock } from '../runtime/clock.ts';

/** Java's `MQFaultStrategy`: from this latency on a broker is avoided for that long; both in milliseconds. */
const avoidance: readonly (readonly [latency: number, duration: number])[] = [
  [15_000, 30_000],
  [5_000, 10_000],
  [3_000, 6_000],
  [1_800, 5_000],
  [550, 2_000],
  [100, 0],
  [50, 0],
];

/** A failed call counts as if it had taken this long. */
const isolationLatency = 10_000;

/** How long a broker is avoided after a call that took `latency`, both in milliseconds. Pure. */
export function avoidFor(latency: number): number {
  return avoidance.find(([from]) => latency >= from)?.[1] ?? 0;
}

interface Fault {
  readonly latency: number;
  /** Uptime from which the broker is used again. */
  readonly until: number;
  readonly reachable: boolean;
}

/** Remembers which brokers were slow or failed, so that a producer can go round them for a while. Java: `LatencyFaultToleranceImpl`. */
export class FaultTolerance {
  readonly #clock: Clock;
  readonly #faults = new Map<string, Fault>();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** Notes how a call to a broker went. `isolate`: it failed, whatever it took; `reachable`: the broker did answer. */
  update(brokerName: string, latency: number, { isolate = false, reachable = true } = {}): void {
    const duration = avoidFor(isolate ? isolationLatency : latency);
    if (duration === 0 && reachable) this.#faults.delete(brokerName);
    else this.#faults.set(brokerName, { latency, until: this.#clock.uptime() + duration, reachable });
  }

  /** Whether nothing speaks against the broker, or it was long enough ago. */
  isAvailable(brokerName: string): boolean {
    const fault = this.#faults.get(brokerName);
    return fault === undefined || this.#clock.uptime() >= fault.until;
  }

  /** Whether the broker answered when it was last called. */
  isReachable(brokerName: string): boolean {
    return this.#faults.get(brokerName)?.reachable ?? true;
  }

  /** Forgets a broker, as when it left the route. */
  forget(brokerName: string): void {
    this.#faults.delete(brokerName);
  }
}
