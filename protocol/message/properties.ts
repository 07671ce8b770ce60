import { ProtocolError } from '../errors.ts';

/** Names of the properties that client and broker give meaning to. Java: `MessageConst`. */
export const MessageProperty = {
  KEYS: 'KEYS',
  TAGS: 'TAGS',
  WAIT: 'WAIT',
  DELAY: 'DELAY',
  RETRY_TOPIC: 'RETRY_TOPIC',
  REAL_TOPIC: 'REAL_TOPIC',
  REAL_QID: 'REAL_QID',
  TRAN_MSG: 'TRAN_MSG',
  PGROUP: 'PGROUP',
  MIN_OFFSET: 'MIN_OFFSET',
  MAX_OFFSET: 'MAX_OFFSET',
  BUYER_ID: 'BUYER_ID',
  ORIGIN_MESSAGE_ID: 'ORIGIN_MESSAGE_ID',
  TRANSFER_FLAG: 'TRANSFER_FLAG',
  CORRECTION_FLAG: 'CORRECTION_FLAG',
  MQ2_FLAG: 'MQ2_FLAG',
  RECONSUME_TIME: 'RECONSUME_TIME',
  MSG_REGION: 'MSG_REGION',
  TRACE_ON: 'TRACE_ON',
  UNIQ_KEY: 'UNIQ_KEY',
  EXTEND_UNIQ_INFO: 'EXTEND_UNIQ_INFO',
  MAX_RECONSUME_TIMES: 'MAX_RECONSUME_TIMES',
  CONSUME_START_TIME: 'CONSUME_START_TIME',
  INNER_NUM: 'INNER_NUM',
  INNER_BASE: 'INNER_BASE',
  DUP_INFO: 'DUP_INFO',
  CHECK_IMMUNITY_TIME_IN_SECONDS: 'CHECK_IMMUNITY_TIME_IN_SECONDS',
  TRAN_PREPARED_QUEUE_OFFSET: 'TRAN_PREPARED_QUEUE_OFFSET',
  TRANSACTION_ID: '__transactionId__',
  TRANSACTION_CHECK_TIMES: 'TRANSACTION_CHECK_TIMES',
  INSTANCE_ID: 'INSTANCE_ID',
  CORRELATION_ID: 'CORRELATION_ID',
  REPLY_TO_CLIENT: 'REPLY_TO_CLIENT',
  TTL: 'TTL',
  ARRIVE_TIME: 'ARRIVE_TIME',
  PUSH_REPLY_TIME: 'PUSH_REPLY_TIME',
  CLUSTER: 'CLUSTER',
  MSG_TYPE: 'MSG_TYPE',
  POP_CK: 'POP_CK',
  POP_CK_OFFSET: 'POP_CK_OFFSET',
  FIRST_POP_TIME: '1ST_POP_TIME',
  SHARDING_KEY: '__SHARDINGKEY',
  FORWARD_QUEUE_ID: 'PROPERTY_FORWARD_QUEUE_ID',
  REDIRECT: 'REDIRECT',
  INNER_MULTI_DISPATCH: 'INNER_MULTI_DISPATCH',
  INNER_MULTI_QUEUE_OFFSET: 'INNER_MULTI_QUEUE_OFFSET',
  TRACE_CONTEXT: 'TRACE_CONTEXT',
  TIMER_DELAY_SEC: 'TIMER_DELAY_SEC',
  TIMER_DELIVER_MS: 'TIMER_DELIVER_MS',
  TIMER_DELAY_MS: 'TIMER_DELAY_MS',
  TIMER_ENQUEUE_MS: 'TIMER_ENQUEUE_MS',
  TIMER_DEQUEUE_MS: 'TIMER_DEQUEUE_MS',
  TIMER_ROLL_TIMES: 'TIMER_ROLL_TIMES',
  TIMER_OUT_MS: 'TIMER_OUT_MS',
  TIMER_DEL_UNIQKEY: 'TIMER_DEL_UNIQKEY',
  TIMER_DELAY_LEVEL: 'TIMER_DELAY_LEVEL',
  BORN_HOST: '__BORNHOST',
  BORN_TIMESTAMP: 'BORN_TIMESTAMP',
  TRANSIENT_TOPIC_SYS_FLAG: '__RMQ.TRANSIENT.TOPIC_SYS_FLAG',
  TRANSIENT_GROUP_SYS_FLAG: '__RMQ.TRANSIENT.GROUP_SYS_FLAG',
  CRC32: '__CRC32#',
  DLQ_ORIGIN_TOPIC: 'DLQ_ORIGIN_TOPIC',
  DLQ_ORIGIN_MESSAGE_ID: 'DLQ_ORIGIN_MESSAGE_ID',
  /** From 5.4 or 5.5 on, as are the five that follow. */
  ORIGIN_GROUP: 'ORIGIN_GROUP',
  PRIORITY: '_SYS_MSG_PRIORITY_',
  LITE_TOPIC: '__LITE_TOPIC',
  TRANS_OFFSET: 'TRANS_OFFSET',
  /** R a RocksDB timeline, F the file of a time wheel. */
  TIMER_ENGINE_TYPE: 'E_T',
  TIMER_ROLL_LABEL: 'TIMER_ROLL_LABEL',
} as const;

const indexType = 'a value of the field indexType of QUERY_MESSAGE';
const timerEngine = 'a value of the property TIMER_ENGINE_TYPE';

/** Java's constants of `MessageConst` that are not among the names, each with the reason. */
export const messagePropertyDifferences: Readonly<Record<string, string>> = {
  KEY_SEPARATOR: 'the blank between keys, not the name of a property',
  INDEX_KEY_TYPE: indexType,
  INDEX_UNIQUE_TYPE: indexType,
  INDEX_TAG_TYPE: indexType,
  TIMER_ENGINE_FILE_TIME_WHEEL: timerEngine,
  TIMER_ENGINE_ROCKSDB_TIMELINE: timerEngine,
  PROPERTY_TRANSIENT_PREFIX: 'the beginning of two names that are here',
};

const unreserved: ReadonlySet<string> = new Set([
  MessageProperty.TRANSACTION_ID,
  MessageProperty.TRANSACTION_CHECK_TIMES,
  MessageProperty.CHECK_IMMUNITY_TIME_IN_SECONDS,
  MessageProperty.INNER_NUM,
  MessageProperty.INNER_BASE,
  MessageProperty.SHARDING_KEY,
  MessageProperty.FORWARD_QUEUE_ID,
  MessageProperty.REDIRECT,
  MessageProperty.INNER_MULTI_DISPATCH,
  MessageProperty.TRACE_CONTEXT,
  MessageProperty.TRANSIENT_TOPIC_SYS_FLAG,
  MessageProperty.TRANSIENT_GROUP_SYS_FLAG,
  MessageProperty.TRANS_OFFSET,
  MessageProperty.TIMER_ENGINE_TYPE,
  MessageProperty.TIMER_ROLL_LABEL,
]);

const reserved: ReadonlySet<string> = new Set(
  Object.values(MessageProperty).filter((name) => !unreserved.has(name)),
);

/** Whether Java refuses the name for a user's property. */
export const isReservedProperty = (name: string): boolean => reserved.has(name);

/** Longest encoded properties, in bytes: their length is a signed 16-bit number. */
export const MAX_PROPERTIES_SIZE = 32_767;

const nameEnd = '\u0001';
const entryEnd = '\u0002';
const hasSeparator = (text: string): boolean => text.includes(nameEnd) || text.includes(entryEnd);

/**
 * Writes properties as brokers store them: `name 0x01 value 0x02 …`. Entries without a value are left out, because
 * readers drop them.
 *
 * @throws ProtocolError when a name or a value holds a separator; it cannot be escaped
 */
export function encodeProperties(
  properties: ReadonlyMap<string, string> | Iterable<readonly [string, string]>,
): string {
  let text = '';
  for (const [name, value] of properties) {
    if (name === '' || value === '') continue;
    if (hasSeparator(name) || hasSeparator(value)) {
      throw new ProtocolError(
        'properties',
        `${JSON.stringify(name.slice(0, 60))} holds the character 1 or 2, which separates properties`,
      );
    }
    text += name + nameEnd + value + entryEnd;
  }
  return text;
}

/** Reads properties; entries without a name or a value are dropped, of a repeated name the last counts. */
export function decodeProperties(properties: string | Buffer): Map<string, string> {
  const text = typeof properties === 'string' ? properties : properties.toString('utf8');
  const map = new Map<string, string>();
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf(entryEnd, start);
    if (end < 0) end = text.length;
    const middle = text.indexOf(nameEnd, start);
    if (middle > start && middle + 1 < end) map.set(text.slice(start, middle), text.slice(middle + 1, end));
    start = end + 1;
  }
  return map;
}
