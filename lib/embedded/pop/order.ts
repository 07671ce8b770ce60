import { popOffsetKey, popQueueKey } from '../../../protocol/message/pop.ts';
import type { Clock } from '../../runtime/clock.ts';

/** A queue as a group reads it. */
export interface GroupQueue {
  readonly group: string;
  readonly topic: string;
  readonly queueId: number;
}

/** One orderly pop of a queue. */
export interface OrderlyPop {
  readonly attemptId: string | undefined;
  readonly popTime: number;
  readonly invisibleTime: number;
  readonly offsets: readonly number[];
}

interface OrderState extends OrderlyPop {
  readonly acknowledged: Set<number>;
  readonly nextVisible: Map<number, number>;
  /** How often an offset was delivered before. */
  readonly consumed: ReadonlyMap<number, number>;
}

/** Which queues are blocked by an orderly pop, and how far they are. Java: `ConsumerOrderInfoManager`. */
export class PopOrder {
  readonly #clock: Clock;
  readonly #states = new Map<string, OrderState>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** When the queue is free for this attempt, as of `now` (default the present); 0: then already. */
  freeAt(queue: GroupQueue, attemptId: string | undefined, now = this.#clock.now()): number {
    const state = this.#states.get(keyOf(queue));
    if (state === undefined || (state.attemptId !== undefined && state.attemptId === attemptId)) return 0;
    const waiting = state.offsets.filter((offset) => !state.acknowledged.has(offset));
    const times = waiting.map(
      (offset) => state.nextVisible.get(offset) ?? state.popTime + state.invisibleTime,
    );
    return Math.max(0, ...times.filter((time) => time > now));
  }

  /** Notes a pop; entries for `orderCountInfo`. */
  popped(queue: GroupQueue, pop: OrderlyPop): [string, number][] {
    const before = this.#states.get(keyOf(queue));
    const consumed = consumedBefore(before, pop);
    const state = {
      ...pop,
      acknowledged: new Set<number>(),
      nextVisible: new Map<number, number>(),
      consumed,
    };
    this.#states.set(keyOf(queue), state);
    const least = consumed.size < pop.offsets.length ? 0 : Math.min(...consumed.values());
    const { queueId } = queue;
    return [
      ...[...consumed].map(([offset, times]): [string, number] => [
        popOffsetKey('0', queueId, offset),
        times,
      ]),
      [popQueueKey('0', queueId), least],
    ];
  }

  /** The offset to commit; -1 when the offset was not popped, undefined when the pop is not the last one. */
  acknowledge(queue: GroupQueue, offset: number, popTime: number): number | undefined {
    const state = this.#states.get(keyOf(queue));
    if (state === undefined) return offset + 1;
    if (state.popTime !== popTime) return undefined;
    if (!state.offsets.includes(offset)) return -1;
    state.acknowledged.add(offset);
    const first = state.offsets.find((each) => !state.acknowledged.has(each));
    return first ?? (state.offsets.at(-1) ?? 0) + 1;
  }

  /** Hides a message of the last pop until a time. */
  hide(queue: GroupQueue, offset: number, popTime: number, until: number): void {
    const state = this.#states.get(keyOf(queue));
    if (state?.popTime === popTime) state.nextVisible.set(offset, until);
  }

  /** Forgets a queue whose offset was reset. */
  clear(queue: GroupQueue): void {
    this.#states.delete(keyOf(queue));
  }
}

function consumedBefore(before: OrderState | undefined, pop: OrderlyPop): ReadonlyMap<number, number> {
  if (before === undefined) return new Map();
  if (before.attemptId !== undefined && before.attemptId === pop.attemptId) return before.consumed;
  const again = pop.offsets.filter((offset) => before.offsets.includes(offset));
  return new Map(again.map((offset) => [offset, (before.consumed.get(offset) ?? 0) + 1]));
}

const keyOf = ({ group, topic, queueId }: GroupQueue): string => `${group} ${topic} ${queueId}`;
