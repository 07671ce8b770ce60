import { InvalidOptionError } from '../../errors.ts';
import type { ResolvedLitePullConsumerOptions } from '../../options/lite-pull-consumer.ts';
import type { WaitOptions } from '../consumer-life.ts';
import type { AckMode } from './reader.ts';

/** How `poll` waits. */
export interface PollOptions extends WaitOptions {
  /** Most messages to give; default `pullBatchSize`. */
  readonly maxMessages?: number | undefined;
}

/** How messages are read one by one. */
export interface ReadOptions {
  /** `next`: a message is consumed when the next one is asked for. `manual`: when `ack` is called with it; several can be in work then. */
  readonly ack?: AckMode | undefined;
  /** Ends the reading with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Fills in the defaults. @throws {InvalidOptionError} */
export function resolvePoll(
  { timeout, maxMessages }: PollOptions,
  { pollTimeoutMillis, pullBatchSize }: ResolvedLitePullConsumerOptions,
): { readonly limit: number; readonly timeout: number } {
  const limit = maxMessages ?? pullBatchSize;
  if (!Number.isInteger(limit) || limit < 1)
    throw new InvalidOptionError('maxMessages', `must be a whole number of 1 or more, not ${limit}`);
  if (timeout !== undefined && !(timeout >= 0))
    throw new InvalidOptionError('timeout', `must be 0 or more milliseconds, not ${timeout}`);
  return { limit, timeout: timeout ?? pollTimeoutMillis };
}
