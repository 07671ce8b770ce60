import type { ConsumerRole } from '../../instance/roles.ts';
import type { Clock } from '../../runtime/clock.ts';
import { Standstill } from '../../runtime/standstill.ts';
import type { OwnedQueue } from '../owned-queue.ts';

/** Which queues another member may have taken while this process stood still: the protocol refuses nobody's commits. */
export class StandstillDoubt {
  readonly #standstill: Standstill;

  /** @param role woken after each standstill, to ask the group */
  constructor(clock: Clock, role: Pick<ConsumerRole, 'wake'>) {
    this.#standstill = new Standstill(clock, () => role.wake({ kind: 'stoodStill', at: clock.now() }));
  }

  /** Until the group has been asked since. */
  readonly isInDoubt = ({ knownAt }: Pick<OwnedQueue, 'knownAt'>): boolean =>
    knownAt < this.#standstill.endedAt;

  start(): void {
    this.#standstill.start();
  }

  stop(): void {
    this.#standstill.stop();
  }
}
