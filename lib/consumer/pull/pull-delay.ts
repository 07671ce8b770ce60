import { isResponse } from '../../errors.ts';
import type { PullPace } from '../flow/pull-pace.ts';

const AFTER_ERROR = 1_000;

/** How long to wait before pulling again after a failed pull, in ms. Java: `DefaultMQPushConsumerImpl.pullMessage`'s `onException`. */
export function pullDelay(error: unknown, pace: PullPace): number {
  return isResponse(error, 'FLOW_CONTROL') ? pace.refused() : AFTER_ERROR;
}
