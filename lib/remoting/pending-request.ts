import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import { ConnectionClosedError, RequestTimeoutError } from '../errors.ts';
import type { RocketMQError } from '../errors.ts';
import { reportThrown } from '../runtime/process-warning.ts';
import type { RequestCommand } from './rpc-hook.ts';

/** Called once with an error or with an answer, whatever its response code, and never within the call that asked. */
export type CallDone = (error: RocketMQError | undefined, answer: RemotingCommand | undefined) => void;

/** What a request needs to know of its row in the command table. */
export interface RequestRow {
  readonly name: string;
  readonly idempotent?: boolean;
}

/** Where a request is while it waits. */
export interface RequestHolder {
  /** Nobody is interested in the answer any more. */
  forget(request: PendingRequest): void;
}

/** One request from the call that makes it until its answer. Reused when it is sent again. */
export class PendingRequest {
  readonly row: RequestRow;
  /** As it is, or will be, on the wire; its opaque is 0 until then. */
  readonly command: RequestCommand;
  /** Milliseconds. */
  readonly timeout: number;
  /** An uptime. */
  readonly deadline: number;
  readonly #done: CallDone;
  holder: RequestHolder | undefined;
  /** Which frame of its connection it was, counting from 1; 0 before. */
  frame = 0;
  /** Uptime at which it was handed to a connection. */
  sentAt = 0;
  /** It has been answered, has failed, or was given up. */
  isOver = false;
  /** It has been sent again after a GO_AWAY. */
  redirected = false;

  constructor(row: RequestRow, command: RequestCommand, now: number, timeout: number, done: CallDone) {
    this.row = row;
    this.command = command;
    this.timeout = timeout;
    this.deadline = now + timeout;
    this.#done = done;
  }

  /** Ends it, once; whoever holds it has let it go before. */
  done(error: RocketMQError | undefined, answer: RemotingCommand | undefined): void {
    this.isOver = true;
    try {
      this.#done(error, answer);
    } catch (thrown) {
      reportThrown(`The callback of ${this.row.name}`, thrown);
    }
  }

  timeOut(address: string, phase?: string): void {
    const retryable = this.row.idempotent === true;
    const options = phase === undefined ? { retryable } : { retryable, phase };
    this.done(new RequestTimeoutError(address, this.row.name, this.timeout, options), undefined);
  }

  closed(address: string, wasSent: boolean, cause: Error | undefined): void {
    this.done(new ConnectionClosedError(address, wasSent, cause === undefined ? {} : { cause }), undefined);
  }

  /** Gives up: `done` is not called. */
  abandon(): void {
    this.isOver = true;
    this.holder?.forget(this);
  }
}
