import { ResponseCode } from '../../protocol/codes/response-code.ts';
import { Commands } from '../../protocol/commands/index.ts';
import { ProtocolError, RocketMQError } from '../../protocol/errors.ts';
import {
  parseOrderCountInfo,
  parseReceiptHandle,
  popOffsetKey,
  popQueueKey,
  popReceiptHandles,
  retryMark,
  type PopAnswer,
  type PoppedMessage,
  type ReceiptHandle,
} from '../../protocol/message/pop.ts';
import { MessageProperty } from '../../protocol/message/properties.ts';
import {
  decodeStoredMessages,
  type ReceivedMessage,
  type StoredRecord,
} from '../../protocol/message/stored-message.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import { ResponseError } from '../errors.ts';
import type { RemotingClient } from '../remoting/remoting-client.ts';

/** One pop. Java: `PopMessageRequestHeader`. */
export interface PopRequest {
  readonly consumerGroup: string;
  /** Queue id -1: any queue of the broker. */
  readonly queue: MessageQueue;
  /** At most this many messages; a broker gives at most 32. */
  readonly maxMsgNums: number;
  /** How long the messages are hidden from others, in ms. */
  readonly invisibleTime: number;
  /** How long the broker may hold the request when there is nothing, in ms. The call's timeout must be longer. */
  readonly pollTime: number;
  /** Where a group without an offset begins. */
  readonly from: 'first' | 'last';
  readonly expressionType: string;
  readonly expression: string;
  /** Whether a queue is blocked until what was popped of it is acknowledged. */
  readonly isOrderly: boolean;
  /** An orderly pop that is repeated under the same id gets the same messages again. */
  readonly attemptId?: string | undefined;
  /** Cap on an inflated body, in bytes. */
  readonly maxBodySize: number;
}

export type PopStatus = 'FOUND' | 'POLLING_NOT_FOUND' | 'POLLING_FULL';

/** A popped message and its receipt, or a record that cannot be read. */
export type PoppedRecord =
  | { readonly ok: true; readonly message: ReceivedMessage; readonly handle: ReceiptHandle }
  | {
      readonly ok: false;
      readonly error: ProtocolError;
      readonly queueId?: number | undefined;
      readonly queueOffset?: number | undefined;
      /** There is one where the place of the record is known. */
      readonly handle?: ReceiptHandle | undefined;
    };

/** What a broker answered to a pop. Java: `PopResult`. */
export interface PopResult {
  readonly status: PopStatus;
  /** Messages left in the queues. */
  readonly restNum: number;
  /** Tags are not yet compared. Empty unless `FOUND`. */
  readonly records: readonly PoppedRecord[];
}

export type PopDone = (error: RocketMQError | undefined, result: PopResult | undefined) => void;

const statuses: Readonly<Record<number, PopStatus | undefined>> = {
  [ResponseCode.SUCCESS]: 'FOUND',
  [ResponseCode.PULL_NOT_FOUND]: 'POLLING_NOT_FOUND',
  [ResponseCode.POLLING_TIMEOUT]: 'POLLING_NOT_FOUND',
  [ResponseCode.POLLING_FULL]: 'POLLING_FULL',
};

/**
 * Pops once, with a callback in place of a promise. `done` is called exactly once, never before this returns. An answer that is neither
 * messages nor "none" is a `ResponseError`. Java: `MQClientAPIImpl.popMessageAsync`.
 */
export function popMessage(
  remoting: RemotingClient,
  address: string,
  request: PopRequest,
  timeout: number,
  done: PopDone,
): void {
  remoting.call(address, Commands.popMessage, headerOf(request), undefined, timeout, (error, answer) => {
    if (answer === undefined) return done(error, undefined);
    let result: PopResult;
    try {
      result = readPopAnswer(answer, request, address);
    } catch (problem) {
      return done(asRocketMQError(problem), undefined);
    }
    return done(undefined, result);
  });
}

function headerOf(request: PopRequest): Parameters<typeof Commands.popMessage.request.encode>[0] {
  const { queue } = request;
  return {
    consumerGroup: request.consumerGroup,
    topic: queue.topic,
    queueId: queue.queueId,
    maxMsgNums: request.maxMsgNums,
    invisibleTime: request.invisibleTime,
    pollTime: request.pollTime,
    // The broker takes its own time for 0. Java sends the client's, so that clocks which differ by more than the poll time make each pop
    // return at once, or be held too long.
    bornTime: 0,
    initMode: request.from === 'first' ? 0 : 1,
    expType: request.expressionType,
    exp: request.expression,
    order: request.isOrderly,
    attemptId: request.attemptId,
    brokerName: queue.brokerName,
  };
}

/** Reads the answer to a pop. Throws `ResponseError` for other codes, `ProtocolError` for a broken header. Pure. */
export function readPopAnswer(answer: RemotingCommand, request: PopRequest, address: string): PopResult {
  const row = Commands.popMessage;
  const status = statuses[answer.code];
  if (status === undefined) throw new ResponseError(answer.code, answer.remark, address, row.name);
  if (status !== 'FOUND' || answer.body === undefined) {
    return { status, restNum: Number(answer.extFields?.['restNum'] ?? 0), records: [] };
  }
  const header = row.response.read(answer);
  const { brokerName } = request.queue;
  const records = decodeStoredMessages(answer.body, { maxBodySize: request.maxBodySize, brokerName });
  const popped = withHandles(records, header, brokerName);
  if (request.isOrderly) countDeliveries(popped, header.orderCountInfo ?? '');
  return { status, restNum: header.restNum, records: popped };
}

/** What came from the retry topic has its receipt already, because the broker shows it under the topic that it was sent to. */
function withHandles(
  records: readonly StoredRecord[],
  answer: PopAnswer,
  brokerName: string,
): PoppedRecord[] {
  // Records that cannot be read have their place in the lists of offsets too.
  const fresh = records.filter(
    (record) => givenHandle(record) === undefined && placeOf(record) !== undefined,
  );
  const places = fresh.flatMap((record) => placeOf(record) ?? []);
  const handles = popReceiptHandles(answer, places, brokerName);
  const byRecord = new Map(fresh.map((record, index) => [record, handles[index]]));
  return records.map((record) => withHandle(record, byRecord.get(record)));
}

function withHandle(record: StoredRecord, made: ReceiptHandle | undefined): PoppedRecord {
  if (!record.ok) return { ...record, handle: made };
  const given = givenHandle(record);
  try {
    const handle = given === undefined ? made : parseReceiptHandle(given);
    if (handle !== undefined) return { ok: true, message: record.message, handle };
    throw new ProtocolError('popped message', 'has no receipt handle');
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const { queueId, queueOffset } = record.message;
    return { ok: false, error, queueId, queueOffset };
  }
}

/** Only a message that was delivered before can have one; the properties of others need not be read. */
function givenHandle(record: StoredRecord): string | undefined {
  if (!record.ok || record.message.reconsumeTimes === 0) return undefined;
  return record.message.properties.get(MessageProperty.POP_CK);
}

function placeOf(record: StoredRecord): PoppedMessage | undefined {
  if (record.ok) {
    const { storedTopic, queueId, queueOffset } = record.message;
    return { storedTopic, queueId, queueOffset };
  }
  const { topic = '', queueId, queueOffset } = record;
  if (queueId === undefined || queueOffset === undefined) return undefined;
  return { storedTopic: topic, queueId, queueOffset };
}

/** An orderly pop tells apart from the messages how often they were delivered. */
function countDeliveries(records: readonly PoppedRecord[], orderCountInfo: string): void {
  const counts = parseOrderCountInfo(orderCountInfo);
  for (const record of records) {
    if (!record.ok) continue;
    const { storedTopic, queueId, queueOffset } = record.message;
    const mark = retryMark(storedTopic);
    const count =
      counts.get(popOffsetKey(mark, queueId, queueOffset)) ?? counts.get(popQueueKey(mark, queueId)) ?? 0;
    if (count > 0) record.message.withReconsumeTimes(count);
  }
}

function asRocketMQError(problem: unknown): RocketMQError {
  if (problem instanceof RocketMQError) return problem;
  return new ProtocolError('PopResult', 'cannot be read', { cause: problem });
}
