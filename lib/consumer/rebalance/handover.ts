import type { ResolvedPushConsumerOptions } from '../../options/push-consumer.ts';

/** How a queue goes from one member to another: how long each side waits, in ms. */
export interface Handover {
  /** A queue that may have a living owner is left to it for this long. */
  readonly delay: number;
  /** The same after a broker came (back), when it may not have heard of every member. */
  readonly unsettledDelay: number;
  /** How long running listeners of a queue that is given up have, when its loss was noticed so long ago. */
  drain(sinceNoticed: number): number;
}

/** Running listeners of a queue that is given up have this long from the trigger on before their messages count as repeats, in ms. Below the gaining member's delay. */
const SOFT_DRAIN = 400;

/** Java: `RebalancePushImpl`'s delay before a first pull. */
const SOFT_DELAY = 500;

/** The members know nothing of each other: one waits as long as Java does, the other is through by then. */
export const softHandover: Handover = {
  delay: SOFT_DELAY,
  unsettledDelay: SOFT_DELAY,
  // Counted from the notice, as the gaining member counts: it must find the last commit.
  drain: (sinceNoticed) => Math.max(0, SOFT_DRAIN - sinceNoticed),
};

/** The broker's lock says when the old owner is through, unless the broker is new and knows of no locks. */
export const lockedHandover = ({
  awaitTerminationMillisWhenShutdown,
}: Pick<ResolvedPushConsumerOptions, 'awaitTerminationMillisWhenShutdown'>): Handover => ({
  delay: 0,
  unsettledDelay: SOFT_DELAY,
  drain: () => awaitTerminationMillisWhenShutdown,
});
