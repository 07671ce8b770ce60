import type { Clock } from '../../runtime/clock.ts';
import { Ledger } from './ledger.ts';
import { OwnershipBoard } from './ownership-board.ts';
import { RateMeter } from './rate-meter.ts';

export type MemberCondition = 'starting' | 'running' | 'killed' | 'left';

/** What is shown of a member. */
export interface MemberRow {
  readonly name: string;
  condition: MemberCondition;
  readonly rate: RateMeter;
  consumed: number;
}

/** Something that happened. */
export interface TimelineEntry {
  /** Milliseconds since the beginning of the scenario. */
  readonly at: number;
  readonly text: string;
  /** Steps are what the demo does; results are what came of them. */
  readonly kind: 'step' | 'result';
}

/** Everything there is to see of a scenario. Views read it; the scenario writes it. */
export class DemoState {
  readonly title: string;
  readonly clock: Clock;
  /** Milliseconds since the epoch. */
  readonly began: number;
  readonly ledger = new Ledger();
  readonly board: OwnershipBoard;
  readonly members: MemberRow[] = [];
  readonly timeline: TimelineEntry[] = [];
  readonly #listeners: Listener[] = [];

  constructor(title: string, queueCount: number, clock: Clock) {
    this.title = title;
    this.clock = clock;
    this.began = clock.now();
    this.board = new OwnershipBoard(queueCount);
  }

  /** Milliseconds since the beginning. */
  get elapsed(): number {
    return this.clock.now() - this.began;
  }

  watch(listener: Listener): void {
    this.#listeners.push(listener);
  }

  addMember(name: string): MemberRow {
    const member: MemberRow = {
      name,
      condition: 'starting',
      rate: new RateMeter(this.clock.now()),
      consumed: 0,
    };
    this.members.push(member);
    return member;
  }

  /** Enters something into the timeline. `at` is milliseconds since the epoch. */
  tell(kind: TimelineEntry['kind'], text: string, at: number = this.clock.now()): void {
    const entry = { at: at - this.began, text, kind };
    this.timeline.push(entry);
    for (const listener of this.#listeners) listener.onEntry?.(entry);
  }

  /** A member has said which queues it owns. */
  owns(member: string, queues: readonly number[]): void {
    this.board.set(member, queues);
    for (const listener of this.#listeners) listener.onOwnership?.();
  }

  /** A member is gone, by intent or not. */
  gone(member: MemberRow, condition: 'killed' | 'left'): void {
    member.condition = condition;
    this.board.remove(member.name);
  }
}

interface Listener {
  onEntry?(entry: TimelineEntry): void;
  onOwnership?(): void;
}
