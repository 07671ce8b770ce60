/** Stable name of a kind of failure; documented, and safe to switch on. */
export type ErrorCode = `ERR_RMQ_${string}`;

/** Root of every error this package throws. */
export abstract class RocketMQError extends Error {
  abstract readonly code: ErrorCode;

  /** Whether the same call may succeed when it is made again. */
  readonly retryable: boolean = false;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Bytes or values that the remoting protocol does not allow. */
export class ProtocolError extends RocketMQError {
  readonly code = 'ERR_RMQ_PROTOCOL';

  /** The part of the protocol that was being read or written, such as `frame` or `PullMessageResponseHeader.minOffset`. */
  readonly where: string;

  constructor(where: string, problem: string, options?: ErrorOptions) {
    super(`${where}: ${problem}`, options);
    this.where = where;
  }
}
