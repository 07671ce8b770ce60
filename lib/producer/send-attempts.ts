import { ResponseCode } from '../../protocol/codes/response-code.ts';
import {
  BrokerNotFoundError,
  ConnectError,
  ConnectionClosedError,
  OverloadedError,
  RequestTimeoutError,
  ResponseError,
} from '../errors.ts';
import type { SendAttempt, SendOutcome } from '../errors.ts';

/** Answers after which another broker may still take the message. Java: `DefaultMQProducer.retryResponseCodes`. */
const retryableCodes: ReadonlySet<number> = new Set<number>([
  ResponseCode.SYSTEM_ERROR,
  ResponseCode.SYSTEM_BUSY,
  ResponseCode.SERVICE_NOT_AVAILABLE,
  ResponseCode.NO_PERMISSION,
  ResponseCode.TOPIC_NOT_EXIST,
  ResponseCode.NO_BUYER_ID,
  ResponseCode.NOT_IN_CURRENT_UNIT,
  ResponseCode.GO_AWAY,
]);

/** Whether a response code lets a send be tried on another broker. */
export function isRetryableCode(code: number): boolean {
  return retryableCodes.has(code);
}

/** Whether an error lets a send be tried on another broker: whatever happens to a connection, and some answers. */
export function isRetryableError(error: Error): boolean {
  if (error instanceof ResponseError) return isRetryableCode(error.responseCode);
  return (
    error instanceof ConnectError ||
    error instanceof ConnectionClosedError ||
    error instanceof RequestTimeoutError ||
    error instanceof BrokerNotFoundError ||
    error instanceof OverloadedError
  );
}

/** Where a send stands when an attempt has failed. */
export interface AttemptState {
  /** Attempts made, at least 1. */
  readonly made: number;
  /** Attempts that are allowed in all. */
  readonly allowed: number;
  /** Milliseconds that are left of the send's own timeout. */
  readonly remaining: number;
}

/**
 * Whether there will be another attempt. Java: the loop of `DefaultMQProducerImpl.sendDefaultImpl`; its synchronous
 * rules, by which also a broker's answer may be retried.
 */
export function mayTryAgain(error: Error, { made, allowed, remaining }: AttemptState): boolean {
  return made < allowed && remaining > 0 && isRetryableError(error);
}

/**
 * Milliseconds for the next attempt: all that is left, or with `perAttempt` no more than that while there may be another.
 * Java: `sendMsgMaxTimeoutPerRequest`.
 */
export function attemptTimeout(
  { made, allowed, remaining }: AttemptState,
  perAttempt: number | undefined,
): number {
  return perAttempt !== undefined && made + 1 < allowed ? Math.min(perAttempt, remaining) : remaining;
}

/** Whether a message of which all attempts failed may be stored all the same. */
export function judgeOutcome(attempts: readonly SendAttempt[]): SendOutcome {
  return attempts.some(({ error }) => mayBeStored(error)) ? 'unknown' : 'notSent';
}

function mayBeStored(error: Error): boolean {
  if (error instanceof ConnectionClosedError) return error.wasSent;
  // A broker that answers SYSTEM_ERROR may have failed after it stored; with any other code it has refused.
  if (error instanceof ResponseError) return error.responseCode === ResponseCode.SYSTEM_ERROR;
  return !(
    error instanceof ConnectError ||
    error instanceof BrokerNotFoundError ||
    error instanceof OverloadedError
  );
}
