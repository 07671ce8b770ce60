import { isResponse } from '../../errors.ts';
import type { PullPace } from '../flow/pull-pace.ts';

const AFTER_ERROR = 1_000;

/** The heartbeat that tells of a changed subscription is on its way. */
const SUBSCRIPTION_CHANGED = 50;

/** A changed subscription that the broker has not heard of after so many pulls is a failure. */
const MAX_WAITS = 20;

/** Whether the broker only has to hear of a subscription that was changed just now. Pure. */
export const isSettling = (error: unknown, failures: number): boolean =>
  failures <= MAX_WAITS && isResponse(error, 'SUBSCRIPTION_NOT_LATEST', 'FILTER_DATA_NOT_LATEST');

/** How long to wait before pulling again after a failed pull, in ms. Java: `DefaultMQPushConsumerImpl.pullMessage`'s `onException`. */
export function pullDelay(error: unknown, pace: PullPace, failures = 1): number {
  if (isSettling(error, failures)) return SUBSCRIPTION_CHANGED;
  return isResponse(error, 'FLOW_CONTROL') ? pace.refused() : AFTER_ERROR;
}
