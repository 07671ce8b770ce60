import type { Clock } from '../../runtime/clock.ts';
import { DelaySchedule } from '../delay/delay-schedule.ts';

/** A message that was popped and is invisible until it is acknowledged or its time is up. */
export interface PoppedMessage {
  readonly group: string;
  /** The topic it is stored under. */
  readonly topic: string;
  readonly queueId: number;
  readonly offset: number;
  readonly popTime: number;
  /** Milliseconds. */
  readonly invisibleTime: number;
}

interface Waiting extends PoppedMessage {
  isOver: boolean;
}

/** What was popped and not acknowledged. Java: `PopCheckPoint`, `PopReviveService`. */
export class Checkpoints {
  readonly #waiting = new Map<string, Waiting>();
  readonly #schedule: DelaySchedule<Waiting>;

  /** `revive` stores a message anew whose time is up. */
  constructor(clock: Clock, revive: (message: PoppedMessage) => void) {
    this.#schedule = new DelaySchedule(clock, (message) => {
      if (message.isOver) return;
      this.#waiting.delete(keyOf(message));
      revive(message);
    });
  }

  /** How many messages are invisible. */
  get size(): number {
    return this.#waiting.size;
  }

  add(message: PoppedMessage): void {
    const waiting = { ...message, isOver: false };
    this.#waiting.set(keyOf(message), waiting);
    this.#schedule.add(waiting, message.popTime + message.invisibleTime);
  }

  /** Whether it was waiting; only the pop that the acknowledgement names counts. */
  acknowledge(message: Omit<PoppedMessage, 'invisibleTime'>): boolean {
    const key = keyOf(message);
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return false;
    waiting.isOver = true;
    this.#waiting.delete(key);
    this.#schedule.trim((each) => each.isOver);
    return true;
  }

  start(): void {
    this.#schedule.start();
  }

  stop(): void {
    this.#schedule.stop();
  }
}

const keyOf = ({ group, topic, queueId, offset, popTime }: Omit<PoppedMessage, 'invisibleTime'>): string =>
  `${group} ${topic} ${queueId} ${offset} ${popTime}`;
