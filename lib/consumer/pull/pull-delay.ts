import { isResponse } from '../../errors.ts';

/** The proxy asks for less; it says so often and means little. */
const FLOW_CONTROLLED = 20;

const AFTER_ERROR = 1_000;

/** How long to wait before pulling again after a failed pull, in ms. Pure. Java: `DefaultMQPushConsumerImpl.pullMessage`'s `onException`. */
export function pullDelay(error: unknown): number {
  return isResponse(error, 'FLOW_CONTROL') ? FLOW_CONTROLLED : AFTER_ERROR;
}
