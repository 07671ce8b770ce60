import { ProtocolError } from '../errors.ts';
import { parseExactInteger } from './integer-text.ts';

/**
 * Which topic a popped message is stored under: 0 the topic itself, 1 the group's retry topic of it as brokers before
 * 5.2 name it, 2 as later ones do.
 */
export type RetryMark = '0' | '1' | '2';

/** Revive queue of an orderly pop. */
export const ORDER_REVIVE_QUEUE = 999;

const retryPrefix = '%RETRY%';

/** The mark of a stored topic. Java: `ExtraInfoUtil.getRetry`. */
export function retryMark(storedTopic: string): RetryMark {
  if (!storedTopic.startsWith(retryPrefix)) return '0';
  return storedTopic.includes('+') ? '2' : '1';
}

/** The topic to acknowledge at: `topic` is the visible one. Java: `ExtraInfoUtil.getRealTopic`. */
export function popRealTopic(topic: string, group: string, mark: RetryMark): string {
  if (mark === '0') return topic;
  return `${retryPrefix}${group}${mark === '1' ? '_' : '+'}${topic}`;
}

/** The visible topic of one that messages are stored under: of a group's pop retry topic the one it belongs to, else the same. Java: `KeyBuilder.parseNormalTopic`. */
export function popVisibleTopic(storedTopic: string, group: string): string {
  const prefix = `${retryPrefix}${group}`;
  const separator = storedTopic.charAt(prefix.length);
  const isPopRetry = storedTopic.startsWith(prefix) && (separator === '_' || separator === '+');
  return isPopRetry ? storedTopic.slice(prefix.length + 1) : storedTopic;
}

/** Where and until when a popped message is held; what an acknowledgement must name. */
export interface ReceiptHandle {
  /** Offset at which the pop of this queue started. */
  readonly startOffset: number;
  readonly popTime: number;
  /** Milliseconds. */
  readonly invisibleTime: number;
  /** {@link ORDER_REVIVE_QUEUE} for an orderly pop. */
  readonly reviveQueueId: number;
  readonly mark: RetryMark;
  readonly brokerName: string;
  readonly queueId: number;
  /** The message's own offset. */
  readonly offset: number;
}

/** Writes a receipt handle, the value of property POP_CK and of field `extraInfo`. Java: `ExtraInfoUtil.buildExtraInfo`. */
export function writeReceiptHandle(handle: ReceiptHandle): string {
  const { startOffset, popTime, invisibleTime, reviveQueueId, mark, brokerName, queueId, offset } = handle;
  if (brokerName === '' || brokerName.includes(' '))
    throw new ProtocolError('receipt handle', 'needs a broker name without blanks');
  return [startOffset, popTime, invisibleTime, reviveQueueId, mark, brokerName, queueId, offset].join(' ');
}

/** Reads a receipt handle. Throws a {@link ProtocolError} when it is malformed. */
export function parseReceiptHandle(text: string): ReceiptHandle {
  const where = 'receipt handle';
  const [start, pop, invisible, revive, mark, brokerName, queueId, offset, more] = text.split(' ');
  if (brokerName === undefined || offset === undefined || more !== undefined)
    throw new ProtocolError(where, `${JSON.stringify(text.slice(0, 80))} does not have eight parts`);
  return {
    startOffset: parseExactInteger(start, where),
    popTime: parseExactInteger(pop, where),
    invisibleTime: parseExactInteger(invisible, where),
    reviveQueueId: parseExactInteger(revive, where),
    mark: readMark(mark, where),
    brokerName,
    queueId: parseExactInteger(queueId, where),
    offset: parseExactInteger(offset, where),
  };
}

/** Key of the maps below: mark and queue. Java: `ExtraInfoUtil.getStartOffsetInfoMapKey`. */
export const popQueueKey = (mark: RetryMark, queueId: number): string => `${mark}@${queueId}`;

/** Key of one offset in {@link parseOrderCountInfo}. Java: `ExtraInfoUtil.getQueueOffsetMapKey`. */
export const popOffsetKey = (mark: RetryMark, queueId: number, offset: number): string =>
  `${mark}@qo${queueId}%${offset}`;

/** Reads `startOffsetInfo` of a pop answer: the offset a pop started at, by {@link popQueueKey}. */
export function parseStartOffsetInfo(text: string): ReadonlyMap<string, number> {
  return parseTriples(text, 'startOffsetInfo', parseExactInteger);
}

/** Reads `msgOffsetInfo` of a pop answer: the offsets of its messages in ascending order, by {@link popQueueKey}. */
export function parseMsgOffsetInfo(text: string): ReadonlyMap<string, readonly number[]> {
  return parseTriples(text, 'msgOffsetInfo', (offsets, where) =>
    offsets.split(',').map((offset) => parseExactInteger(offset, where)),
  );
}

/**
 * Reads `orderCountInfo` of an orderly pop answer: how often messages were delivered, by {@link popQueueKey} or, which
 * counts more, by {@link popOffsetKey}.
 */
export function parseOrderCountInfo(text: string): ReadonlyMap<string, number> {
  return parseTriples(text, 'orderCountInfo', parseExactInteger);
}

/** Writes any of the three from their maps. Java: `ExtraInfoUtil.buildStartOffsetInfo` and the like. */
export function writePopInfo(entries: Iterable<readonly [string, number | readonly number[]]>): string {
  return Array.from(entries, ([key, value]) => `${key.replace('@', ' ')} ${String(value)}`).join(';');
}

/** A popped message, as far as its receipt handle depends on it. */
export interface PoppedMessage {
  /** The topic it is stored under. */
  readonly storedTopic: string;
  readonly queueId: number;
  readonly queueOffset: number;
}

/** Fields of a pop answer that receipt handles are made of. */
export interface PopAnswer {
  readonly popTime: number;
  readonly invisibleTime: number;
  readonly reviveQid: number;
  readonly startOffsetInfo?: string | undefined;
  readonly msgOffsetInfo?: string | undefined;
}

/** The receipt handles of the messages of one pop answer, in their order. Java: `MQClientAPIImpl.processPopResponse`. */
export function popReceiptHandles(
  answer: PopAnswer,
  messages: readonly PoppedMessage[],
  brokerName: string,
): readonly ReceiptHandle[] {
  const starts = parseStartOffsetInfo(answer.startOffsetInfo ?? '');
  const offsets = parseMsgOffsetInfo(answer.msgOffsetInfo ?? '');
  const byQueue = new Map<string, number[]>();
  const keyOf = ({ storedTopic, queueId }: PoppedMessage): string =>
    popQueueKey(retryMark(storedTopic), queueId);
  for (const message of messages) {
    const known = byQueue.get(keyOf(message));
    if (known === undefined) byQueue.set(keyOf(message), [message.queueOffset]);
    else known.push(message.queueOffset);
  }
  for (const sorted of byQueue.values()) sorted.sort((a, b) => a - b);
  return messages.map((message) => {
    const key = keyOf(message);
    const place = byQueue.get(key)?.indexOf(message.queueOffset) ?? 0;
    return {
      startOffset: starts.get(key) ?? byQueue.get(key)?.[0] ?? message.queueOffset,
      popTime: answer.popTime,
      invisibleTime: answer.invisibleTime,
      reviveQueueId: answer.reviveQid,
      mark: retryMark(message.storedTopic),
      brokerName,
      queueId: message.queueId,
      offset: offsets.get(key)?.[place] ?? message.queueOffset,
    };
  });
}

function parseTriples<T>(
  text: string,
  where: string,
  read: (value: string, where: string) => T,
): ReadonlyMap<string, T> {
  const map = new Map<string, T>();
  for (const entry of text === '' ? [] : text.split(';')) {
    const [mark, queue, value, more] = entry.split(' ');
    const key = `${mark}@${queue}`;
    if (value === undefined || more !== undefined || map.has(key))
      throw new ProtocolError(where, `has the entry ${JSON.stringify(entry.slice(0, 80))}`);
    map.set(key, read(value, where));
  }
  return map;
}

function readMark(mark: string | undefined, where: string): RetryMark {
  if (mark === '0' || mark === '1' || mark === '2') return mark;
  throw new ProtocolError(where, `has the mark ${JSON.stringify(mark?.slice(0, 20))}; it is 0, 1 or 2`);
}
