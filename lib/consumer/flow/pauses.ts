import { queueKey, type MessageQueue } from '../../../protocol/model/message-queue.ts';

/** What can be paused: a queue, or all queues of a topic. */
export type PauseTarget = MessageQueue | string;

/**
 * Which queues are at rest by the user's order: nothing is pulled from them and no listener is given anything of them, while they stay owned.
 * An order holds until it is taken back, also when a queue goes to another member and returns.
 */
export class Pauses {
  readonly #topics = new Set<string>();
  readonly #queues = new Set<string>();
  readonly #onChange = new Set<() => void>();
  #isSuspended = false;

  /** Whether everything rests. */
  get isSuspended(): boolean {
    return this.#isSuspended;
  }

  /** Whether a queue rests. Asked for every message, so that an order counts at once. */
  has({ queue, key }: { readonly queue: MessageQueue; readonly key: string }): boolean {
    if (this.#isSuspended) return true;
    return (
      (this.#topics.size > 0 && this.#topics.has(queue.topic)) ||
      (this.#queues.size > 0 && this.#queues.has(key))
    );
  }

  /** Everything rests, or nothing but what is paused by itself. */
  suspend(isSuspended: boolean): void {
    this.#isSuspended = isSuspended;
    this.#changed();
  }

  pause(targets: Iterable<PauseTarget>): void {
    for (const target of targets) this.#setOf(target).add(nameOf(target));
    this.#changed();
  }

  /** Takes orders back. A queue of a topic that is paused as a whole stays at rest. */
  resume(targets: Iterable<PauseTarget>): void {
    for (const target of targets) this.#setOf(target).delete(nameOf(target));
    this.#changed();
  }

  /** Calls `run` after every order. */
  onChange(run: () => void): void {
    this.#onChange.add(run);
  }

  #setOf(target: PauseTarget): Set<string> {
    return typeof target === 'string' ? this.#topics : this.#queues;
  }

  #changed(): void {
    for (const run of this.#onChange) run();
  }
}

const nameOf = (target: PauseTarget): string => (typeof target === 'string' ? target : queueKey(target));
