import type { MessageQueue } from '../protocol/model/message-queue.ts';
import { describeResponse } from '../protocol/codes/response-code.ts';
import type { ResponseName } from '../protocol/codes/response-code.ts';
import { RocketMQError } from '../protocol/errors.ts';

export { ProtocolError, RocketMQError } from '../protocol/errors.ts';
export type { ErrorCode } from '../protocol/errors.ts';

export interface ConnectFailure {
  /** The address as a route or a configuration names it, where `addressMap` made another of it. */
  readonly advertised?: string | undefined;
  /** What went wrong, in a few words. */
  readonly problem?: string | undefined;
  /** What to do about it. */
  readonly remedy?: string | undefined;
  readonly cause?: unknown;
}

/** No connection could be made. Java: `RemotingConnectException`. */
export class ConnectError extends RocketMQError {
  readonly code = 'ERR_RMQ_CONNECT';
  override readonly retryable = true;
  /** The `host:port` that was dialled. */
  readonly address: string;
  /** The `host:port` it stands for; the same as `address` unless `addressMap` changed it. */
  readonly advertised: string;
  /** What went wrong, in a few words. */
  readonly problem: string;
  readonly remedy: string | undefined;

  constructor(
    address: string,
    { advertised = address, problem = 'failed', remedy, cause }: ConnectFailure = {},
  ) {
    const target = advertised === address ? address : `${address} (advertised as ${advertised})`;
    super(`Cannot connect to ${target}: ${problem}${remedy === undefined ? '' : `; ${remedy}`}`, { cause });
    this.address = address;
    this.advertised = advertised;
    this.problem = problem;
    this.remedy = remedy;
  }
}

/** A connection ended while a request was on its way. */
export class ConnectionClosedError extends RocketMQError {
  readonly code = 'ERR_RMQ_CONNECTION_CLOSED';
  override readonly retryable = true;
  readonly address: string;
  /** Whether the request had left this process, so that the peer may have acted on it. */
  readonly wasSent: boolean;

  constructor(address: string, wasSent: boolean, options?: ErrorOptions) {
    const when = wasSent
      ? 'after the request was sent, it may have been carried out'
      : 'before the request was sent';
    // What the other end did wrong is worth more than that it was left for it.
    const reason = options?.cause instanceof Error ? `: ${options.cause.message}` : '';
    super(`Connection to ${address} closed ${when}${reason}`, options);
    this.address = address;
    this.wasSent = wasSent;
  }
}

/** Too much waits to be written to a peer that reads too slowly. Java: `RemotingTooMuchRequestException`. */
export class OverloadedError extends RocketMQError {
  readonly code = 'ERR_RMQ_OVERLOADED';
  override readonly retryable = true;
  readonly address: string;

  constructor(address: string, waitingBytes: number) {
    super(`Too much waits to be sent to ${address} (${waitingBytes} bytes), send less at a time`);
    this.address = address;
  }
}

/** No answer came in time. Java: `RemotingTimeoutException`. */
export class RequestTimeoutError extends RocketMQError {
  readonly code = 'ERR_RMQ_TIMEOUT';
  override readonly retryable: boolean;
  readonly address: string;
  /** Java's name of the request code. */
  readonly command: string;
  /** How long was waited, in milliseconds. */
  readonly after: number;

  /** `retryable` is the `idempotent` column of the command table. */
  constructor(
    address: string,
    command: string,
    after: number,
    options: ErrorOptions & RequestTimeoutOptions = {},
  ) {
    const { phase = 'waiting for the answer', retryable = false } = options;
    super(`${command} to ${address} timed out after ${Math.round(after)} ms, ${phase}`, options);
    this.address = address;
    this.command = command;
    this.after = after;
    this.retryable = retryable;
  }
}

export interface RequestTimeoutOptions {
  /** What was being done, such as `while connecting`. */
  readonly phase?: string;
  readonly retryable?: boolean;
}

/** A server answered with a code other than success. Java: `MQBrokerException`. */
export class ResponseError extends RocketMQError {
  readonly code = 'ERR_RMQ_RESPONSE';
  override readonly retryable: boolean;
  readonly responseCode: number;
  /** Java's name of the response code, or a text that holds the number. */
  readonly responseName: string;
  readonly remark: string | undefined;
  readonly address: string;
  /** Java's name of the request code. */
  readonly command: string;

  constructor(responseCode: number, remark: string | undefined, address: string, command: string) {
    const { name, retryable, help } = describeResponse(responseCode);
    super(`${address} answered ${command} with ${name} (${responseCode}): ${remark || help}`);
    this.responseCode = responseCode;
    this.responseName = name;
    this.retryable = retryable;
    this.remark = remark;
    this.address = address;
    this.command = command;
  }
}

/** Whether an error is a server's answer with one of these names, such as `TOPIC_NOT_EXIST`. */
export function isResponse(error: unknown, ...names: readonly ResponseName[]): error is ResponseError {
  return error instanceof ResponseError && (names as readonly string[]).includes(error.responseName);
}

/** No name server knows a route for the topic. */
export class RouteNotFoundError extends RocketMQError {
  readonly code = 'ERR_RMQ_NO_ROUTE';
  override readonly retryable = true;
  readonly topic: string;

  constructor(topic: string, options?: ErrorOptions) {
    super(
      `No route for topic ${topic}; create the topic, or check that the brokers that hold it are registered`,
      options,
    );
    this.topic = topic;
  }
}

/** No known route names an address for the broker. */
export class BrokerNotFoundError extends RocketMQError {
  readonly code = 'ERR_RMQ_NO_BROKER';
  override readonly retryable = true;
  readonly brokerName: string;

  constructor(brokerName: string, options?: ErrorOptions) {
    super(`No address known for broker ${brokerName}; it may be down, or its route not yet fetched`, options);
    this.brokerName = brokerName;
  }
}

export interface NameServerAttempt {
  readonly address: string;
  readonly error: Error;
}

/** No name server gave an answer. */
export class NameServerError extends RocketMQError {
  readonly code = 'ERR_RMQ_NAME_SERVER';
  override readonly retryable = true;
  /** Every address that was asked, in order. */
  readonly attempts: readonly NameServerAttempt[];

  constructor(attempts: readonly NameServerAttempt[], problem = 'No name server could be reached') {
    const list = attempts.map(({ address, error }) => `${address}: ${error.message}`).join('; ');
    super(list === '' ? problem : `${problem} (${list})`, { cause: attempts.at(-1)?.error });
    this.attempts = attempts;
  }
}

export interface SendAttempt {
  readonly queue: MessageQueue;
  /** Where it went; absent when no address was known for the broker. */
  readonly address?: string | undefined;
  readonly error: Error;
  /** Milliseconds. */
  readonly took: number;
}

/** Whether a message that could not be acknowledged may be stored all the same. */
export type SendOutcome = 'notSent' | 'unknown';

/** Every attempt to send a message failed. */
export class SendFailedError extends RocketMQError {
  readonly code = 'ERR_RMQ_SEND_FAILED';
  readonly attempts: readonly SendAttempt[];
  /** `notSent`: no broker has stored the message. `unknown`: one may have, sending it again may make a second. */
  readonly outcome: SendOutcome;

  constructor(topic: string, attempts: readonly SendAttempt[], outcome: SendOutcome = 'unknown') {
    const list = attempts
      .map(
        ({ queue, error, took }) =>
          `${queue.brokerName} queue ${queue.queueId}, ${Math.round(took)} ms: ${error.message}`,
      )
      .join('; ');
    super(
      `Sending to topic ${topic} failed after ${attempts.length} ${attempts.length === 1 ? 'attempt' : 'attempts'} (${list})`,
      {
        cause: attempts.at(-1)?.error,
      },
    );
    this.attempts = attempts;
    this.outcome = outcome;
  }
}

/** An option that cannot be used. */
export class InvalidOptionError extends RocketMQError {
  readonly code = 'ERR_RMQ_INVALID_OPTION';
  readonly option: string;

  constructor(option: string, problem: string, options?: ErrorOptions) {
    super(`Option ${option} ${problem}`, options);
    this.option = option;
  }
}

/** A message that no broker would accept. */
export class InvalidMessageError extends RocketMQError {
  readonly code = 'ERR_RMQ_INVALID_MESSAGE';
  readonly topic: string;

  constructor(topic: string, problem: string, options?: ErrorOptions) {
    super(`Message for topic ${JSON.stringify(topic)} ${problem}`, options);
    this.topic = topic;
  }
}

/** Something was asked of an object that is not in the state for it. */
export class IllegalStateError extends RocketMQError {
  readonly code = 'ERR_RMQ_ILLEGAL_STATE';
  readonly from: string;
  readonly to: string;

  /** @param subject what is in the state, such as `Producer` */
  constructor(subject: string, from: string, to: string, options?: ErrorOptions) {
    super(`${subject} cannot go from ${from} to ${to}`, options);
    this.from = from;
    this.to = to;
  }
}

/** A listener failed on a message. */
export class ConsumeError extends RocketMQError {
  readonly code = 'ERR_RMQ_CONSUME';
  override readonly retryable = true;
  readonly messageId: string;
  readonly queue: MessageQueue;

  constructor(messageId: string, queue: MessageQueue, options?: ErrorOptions) {
    super(
      `Listener failed on message ${messageId} of ${queue.topic}, broker ${queue.brokerName}, queue ${queue.queueId}`,
      options,
    );
    this.messageId = messageId;
    this.queue = queue;
  }
}
