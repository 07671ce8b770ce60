import { custom, flag, integer, millis, oneOf, optional } from './option.ts';

/** Java's `popDelayLevel`, in ms: 10 s, 30 s, 1 to 10 min, 20 min, 30 min, 1 h, 2 h. */
export const POP_DELAY_LEVELS: readonly number[] = [
  10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1_200, 1_800, 3_600, 7_200,
].map((seconds) => seconds * 1_000);

/** Three days, in ms: as long as brokers usually keep messages. */
const MOST_DELAY = 3 * 24 * 3_600_000;

/** What a push consumer may be told of pop consumption, which needs brokers of 5.0 or later. Names and defaults are Java's where it has them. */
export const popOptionTable = {
  /** Who decides on queues: this member by `allocate`, or (false) the brokers, which also say whether a topic is pulled or popped. */
  clientRebalance: flag(true),
  /** `pull` or `pop`, for all topics. Default: `pull`; with `clientRebalance: false` as the brokers have it, else this is set there at the start. */
  messageRequestMode: optional(oneOf('pull', 'pop')),
  /** With `messageRequestMode` and `clientRebalance: false`: how many further members pop the queues of one. 0: all members pop all queues. */
  popShareQueueNum: integer(0, { min: 0, max: 65_535 }),
  /** How long a popped message is hidden from the others, in ms: longer than waiting for a listener and its work take together. */
  popInvisibleTime: millis(60_000, { min: 5_000, max: 300_000 }),
  /** Messages that one pop asks for. */
  popBatchNums: integer(32, { min: 1, max: 32 }),
  /** Messages popped and not yet done before popping pauses, per broker or queue that is popped from. */
  popThresholdForQueue: integer(96, { min: 1, max: 65_535 }),
  /** How long a failed message stays hidden, in ms, by the number of tries or the delay level asked for; the last is for all beyond. Java: `popDelayLevel`, which is fixed. */
  popDelayLevels: custom<readonly number[]>({
    expected: 'a list of milliseconds',
    check: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((item) => Number.isInteger(item) && item >= 0 && item <= MOST_DELAY),
    fallback: POP_DELAY_LEVELS,
  }),
};
