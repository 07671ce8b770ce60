import { withNamespace } from '../../protocol/message/namespace.ts';
import { checkGroup, DEFAULT_TOPIC } from '../../protocol/message/topic.ts';
import { clientOptionTable } from './client.ts';
import { custom, flag, integer, millis, oneOf, optionalMillis, resolveOptions, textOr } from './option.ts';
import type { Options, ResolvedOptions } from './option.ts';

/** The options of a producer, with Java's defaults. Java: `DefaultMQProducer`. */
export const producerOptionTable = {
  ...clientOptionTable,
  /** The producer group, as the brokers know it. Matters for transactions and request-reply. Default `DEFAULT_PRODUCER`. */
  producerGroup: custom<string>({
    fallback: 'DEFAULT_PRODUCER',
    expected: 'the name of a group',
    check: checkGroupName,
  }),
  /** Milliseconds for one send, all its attempts together. Java: `sendMsgTimeout`. */
  sendTimeout: millis(3_000),
  /** Milliseconds that one attempt may take while another is left; all that remains of `sendTimeout` by default. */
  sendMsgMaxTimeoutPerRequest: optionalMillis(),
  /** Attempts on other brokers after the first has failed. */
  retryTimesWhenSendFailed: integer(2),
  /** Bodies of so many bytes and more are compressed. Java: `compressMsgBodyOverHowmuch`. */
  compressThreshold: integer(4_096),
  /** How bodies are compressed: `zlib`, `lz4`, or `zstd` (needs Node 22.15). */
  compressType: oneOf('zlib', 'lz4', 'zstd'),
  /** Level of zlib. */
  compressLevel: integer(5, { min: 0, max: 9 }),
  /** Largest body, in bytes before compression. Brokers have a limit of their own, 4 MiB by default. */
  maxMessageSize: integer(4_194_304, { min: 1, max: 1_073_741_824 }),
  /** Sends again to another broker when a broker stored the message but could not flush or copy it in time. */
  retryAnotherBrokerWhenNotStoreOk: flag(false),
  /** Queues per broker of a topic that the first message creates. */
  defaultTopicQueueNums: integer(4, { min: 1, max: 65_535 }),
  /** The topic whose settings such a topic gets. */
  createTopicKey: textOr(DEFAULT_TOPIC),
  /** Avoids brokers that answer slowly or not at all, for a while. */
  sendLatencyFaultEnable: flag(false),
};

/** What a producer takes. */
export type ProducerOptions = Options<typeof producerOptionTable>;

/** What a producer works with. */
export type ResolvedProducerOptions = ResolvedOptions<typeof producerOptionTable>;

/** Checks a producer's options and fills in the defaults; the group has its name in the namespace. @throws {InvalidOptionError} */
export const resolveProducerOptions = (given: ProducerOptions): ResolvedProducerOptions => {
  const options = resolveOptions(producerOptionTable, given);
  const producerGroup = withNamespace(options.namespace, options.producerGroup);
  return Object.freeze({ ...options, producerGroup });
};

function checkGroupName(value: unknown): boolean | string {
  if (typeof value !== 'string') return false;
  try {
    checkGroup(value);
    return true;
  } catch (error) {
    return error instanceof Error ? error.message : false;
  }
}
