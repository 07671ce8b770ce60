import { IllegalStateError } from '../../errors.ts';
import type { ConsumerRole } from '../../instance/roles.ts';
import type { Clock } from '../../runtime/clock.ts';
import { Standstill } from '../../runtime/standstill.ts';
import { within } from '../../runtime/within.ts';
import type { Doubt } from '../doubt.ts';
import type { OwnedQueue } from '../owned-queue.ts';

/** What users ask for waits so long for the group's word, in ms: some rounds. */
const PATIENCE = 10_000;

/** Which queues another member may have taken while this process stood still: the protocol refuses nobody's commits. */
export class StandstillDoubt implements Doubt {
  readonly #clock: Clock;
  readonly #standstill: Standstill;
  readonly #isShared: () => boolean;

  /**
   * @param role woken after each standstill, to ask the group
   * @param isShared whether the group decides who owns what; default it does
   */
  constructor(clock: Clock, role: Pick<ConsumerRole, 'wake'>, isShared: () => boolean = () => true) {
    this.#clock = clock;
    this.#standstill = new Standstill(clock, () => role.wake({ kind: 'stoodStill', at: clock.now() }));
    this.#isShared = isShared;
  }

  /** Until the group has been asked since. */
  isInDoubt({ knownAt }: Pick<OwnedQueue, 'knownAt'>): boolean {
    return this.#isShared() && knownAt < this.#standstill.endedAt;
  }

  /** Resolves when the group has left the queue to this member, or the ownership has ended. @throws {IllegalStateError} when nobody can say for 10 s. */
  async settled(owned: OwnedQueue): Promise<void> {
    if (await within(this.#clock, PATIENCE, this.#untilKnown(owned))) return;
    const doubt = 'in doubt: this process stood still, and no broker tells the members of the group';
    throw new IllegalStateError(`Queue ${owned.key}`, doubt, 'a position that the user asks for');
  }

  start(): void {
    this.#standstill.start();
  }

  stop(): void {
    this.#standstill.stop();
  }

  async #untilKnown(owned: OwnedQueue): Promise<void> {
    while (!owned.isEnded && this.isInDoubt(owned)) await owned.askedAgain();
  }
}
