import { ResponseCode } from '../../protocol/codes/response-code.ts';
import { Commands } from '../../protocol/commands/index.ts';
import { ProtocolError, RocketMQError } from '../../protocol/errors.ts';
import { decodeStoredMessages } from '../../protocol/message/stored-message.ts';
import type { StoredRecord } from '../../protocol/message/stored-message.ts';
import { PullSysFlag } from '../../protocol/message/sys-flag.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import { ResponseError } from '../errors.ts';
import type { RemotingClient } from '../remoting/remoting-client.ts';

/** One pull of one queue. Java: `PullMessageRequestHeader`. */
export interface PullRequest {
  readonly consumerGroup: string;
  readonly queue: MessageQueue;
  /** Position to read from. */
  readonly queueOffset: number;
  /** At most this many messages. */
  readonly maxMsgNums: number;
  /** At most about this many bytes; a broker before 5 ignores it. */
  readonly maxMsgBytes?: number | undefined;
  /** Bits of `PullSysFlag`. The commit bit is taken out towards a slave. */
  readonly sysFlag: number;
  /** Committed position, if the commit bit is set; else 0. */
  readonly commitOffset: number;
  /** How long the broker may hold the request when there is nothing, in milliseconds. The call's timeout must be longer. */
  readonly suspendTimeout: number;
  /** The filter expression; only read if the subscription bit is set. */
  readonly subscription?: string | undefined;
  readonly subVersion: number;
  readonly expressionType?: string | undefined;
  /** Broker id behind the address; anything but 0 is a slave. Default 0. */
  readonly brokerId?: number | undefined;
  /** Cap on an inflated body, in bytes. Default 16 MiB. */
  readonly maxBodySize?: number | undefined;
  /** Whether body checksums are verified. Default: as `decodeStoredMessages`. */
  readonly verifyCrc?: boolean | undefined;
}

export type PullStatus = 'FOUND' | 'NO_NEW_MSG' | 'NO_MATCHED_MSG' | 'OFFSET_ILLEGAL';

/** What a broker answered to a pull. Java: `PullResultExt`. */
export interface PullResult {
  readonly status: PullStatus;
  /** Position of the next pull. */
  readonly nextBeginOffset: number;
  readonly minOffset: number;
  readonly maxOffset: number;
  /** Broker id to pull from next: 0 the master. */
  readonly suggestWhichBrokerId: number;
  /** Decoded and undecodable messages, in order; tags are not yet compared. Empty unless `FOUND`. */
  readonly records: readonly StoredRecord[];
  /** The broker's store status as text, such as `OFFSET_TOO_SMALL`. */
  readonly remark: string | undefined;
}

export type PullDone = (error: RocketMQError | undefined, result: PullResult | undefined) => void;

const statuses: Readonly<Record<number, PullStatus | undefined>> = {
  [ResponseCode.SUCCESS]: 'FOUND',
  [ResponseCode.PULL_NOT_FOUND]: 'NO_NEW_MSG',
  [ResponseCode.PULL_RETRY_IMMEDIATELY]: 'NO_MATCHED_MSG',
  [ResponseCode.PULL_OFFSET_MOVED]: 'OFFSET_ILLEGAL',
};

const defaultMaxBodySize = 16 * 1024 * 1024;
const noRecords: readonly StoredRecord[] = Object.freeze([]);

/** The lite bit of `sysFlag` makes it a request of another code, which brokers serve apart and may refuse altogether. */
const rowOf = ({ sysFlag }: PullRequest): typeof Commands.pullMessage =>
  (sysFlag & PullSysFlag.litePull) === 0 ? Commands.pullMessage : Commands.litePullMessage;

/**
 * Pulls once; the hot path, so with a callback in place of a promise. `done` is called exactly once, never before this
 * returns. An answer that is neither messages nor "none" is a `ResponseError`. Java: `MQClientAPIImpl.pullMessage`.
 */
export function pullMessage(
  remoting: RemotingClient,
  address: string,
  request: PullRequest,
  timeout: number,
  done: PullDone,
): void {
  remoting.call(address, rowOf(request), headerOf(request), undefined, timeout, (error, answer) => {
    if (answer === undefined) return done(error, undefined);
    let result: PullResult;
    try {
      result = readPullAnswer(answer, request, address);
    } catch (problem) {
      return done(asRocketMQError(problem), undefined);
    }
    return done(undefined, result);
  });
}

function headerOf(request: PullRequest): Parameters<typeof Commands.pullMessage.request.encode>[0] {
  const { queue, sysFlag } = request;
  return {
    consumerGroup: request.consumerGroup,
    topic: queue.topic,
    queueId: queue.queueId,
    queueOffset: request.queueOffset,
    maxMsgNums: request.maxMsgNums,
    sysFlag: (request.brokerId ?? 0) === 0 ? sysFlag : sysFlag & ~PullSysFlag.commitOffset,
    commitOffset: request.commitOffset,
    suspendTimeoutMillis: request.suspendTimeout,
    subscription: request.subscription,
    subVersion: request.subVersion,
    expressionType: request.expressionType,
    maxMsgBytes: request.maxMsgBytes,
    brokerName: queue.brokerName,
  };
}

/** Reads the answer to a pull. Throws `ResponseError` for other codes, `ProtocolError` for a broken header. Pure. */
export function readPullAnswer(answer: RemotingCommand, request: PullRequest, address: string): PullResult {
  const status = statuses[answer.code];
  if (status === undefined) throw new ResponseError(answer.code, answer.remark, address, rowOf(request).name);
  const header = Commands.pullMessage.response.read(answer);
  return {
    status,
    nextBeginOffset: header.nextBeginOffset,
    minOffset: header.minOffset,
    maxOffset: header.maxOffset,
    suggestWhichBrokerId: header.suggestWhichBrokerId,
    records: status === 'FOUND' ? readRecords(answer, request, header.offsetDelta) : noRecords,
    remark: answer.remark,
  };
}

function readRecords(
  answer: RemotingCommand,
  request: PullRequest,
  offsetDelta?: number,
): readonly StoredRecord[] {
  if (answer.body === undefined) return noRecords;
  return decodeStoredMessages(answer.body, {
    maxBodySize: request.maxBodySize ?? defaultMaxBodySize,
    brokerName: request.queue.brokerName,
    ...(request.verifyCrc === undefined ? undefined : { verifyCrc: request.verifyCrc }),
    ...(offsetDelta === undefined ? undefined : { offsetDelta }),
  });
}

function asRocketMQError(problem: unknown): RocketMQError {
  if (problem instanceof RocketMQError) return problem;
  return new ProtocolError('PullResult', 'cannot be read', { cause: problem });
}
