import type { ResolvedLitePullConsumerOptions } from '../../options/lite-pull-consumer.ts';
import { judgeFlow } from '../flow-control.ts';
import type { Pauses } from '../flow/pauses.ts';
import type { PullGate } from '../flow/pull-gate.ts';
import type { OwnedQueue } from '../owned-queue.ts';

/**
 * When queues may be pulled from: not while they are paused, nor while they, or all together, hold enough. Java: the checks in
 * `DefaultLitePullConsumerImpl.PullTaskImpl`, which look again every 50 ms.
 */
export class LiteGate {
  readonly #options: ResolvedLitePullConsumerOptions;
  readonly #pauses: Pauses;
  readonly #owned: () => Iterable<OwnedQueue>;
  /** Those that wait because all together hold too much. */
  readonly #waiting = new Set<OwnedQueue>();

  constructor(options: ResolvedLitePullConsumerOptions, pauses: Pauses, owned: () => Iterable<OwnedQueue>) {
    this.#options = options;
    this.#pauses = pauses;
    this.#owned = owned;
  }

  readonly judge: PullGate = (owned) => {
    if (this.#pauses.has(owned)) return 'paused';
    if (this.#isFull()) {
      this.#waiting.add(owned);
      return 'tooManyMessages';
    }
    this.#wake();
    return judgeFlow(owned.process, this.#options);
  };

  /** Something was consumed or given up: those that waited for it look again. */
  released(): void {
    if (this.#waiting.size > 0 && !this.#isFull()) this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const owned of waiting) owned.mayPullAgain();
  }

  #isFull(): boolean {
    let count = 0;
    for (const { process } of this.#owned()) count += process.count;
    return count > this.#options.pullThresholdForAll;
  }
}
