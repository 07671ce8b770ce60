/** How long brokers keep a lock that is not renewed, in ms. Java: `rocketmq.broker.rebalance.lockMaxLiveTime` of the broker. */
export const BROKER_LOCK_LIFE = 60_000;

/** A refusal that lasts longer than this is told to the user, in ms: an owner that lives gives a queue up sooner. */
export const WORTH_TELLING = 1_000;

/** After a question for locks that no answer came to, in ms. */
export const AFTER_FAILURE = 1_000;

/** Waits up to so many ms are followed by rests of so many ms. */
const PACE: readonly { readonly waited: number; readonly rest: number }[] = [
  { waited: 1_000, rest: 25 },
  { waited: 10_000, rest: 100 },
];
const SLOWEST = 500;

/**
 * How long to wait before a refused lock is asked for again, in ms. Pure. Quickly at first, because the member that has it is about to finish and
 * unlock; then ever more slowly, because it is busy or dead. Java asks again after 500 ms.
 */
export const askAgainAfter = (waited: number): number =>
  PACE.find((step) => waited < step.waited)?.rest ?? SLOWEST;

/** How long a lock is trusted without having been renewed, in ms: 30 s of Java for its 20 s between renewals. Pure. */
export const trustFor = (lockInterval: number): number => lockInterval * 1.5;
