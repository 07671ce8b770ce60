import { compress, compressionFlags } from '../../protocol/message/compression.ts';
import type { CompressionType } from '../../protocol/message/compression.ts';
import type { Message } from '../../protocol/message/message.ts';
import { InvalidMessageError } from '../errors.ts';
import { encodeMessageProperties } from './outgoing-properties.ts';

/** A message in the form in which it travels; made once and used by every attempt to send it. */
export interface OutgoingMessage {
  readonly topic: string;
  /** Java's `UNIQ_KEY`. */
  readonly messageId: string;
  /** Compressed if `sysFlag` says so. */
  readonly body: Buffer;
  readonly properties: string;
  readonly sysFlag: number;
  readonly flag: number;
}

/** What decides about the form. */
export interface OutgoingOptions {
  /** Largest body before compression, in bytes. */
  readonly maxMessageSize: number;
  /** Bodies of this size, in bytes, and larger ones are compressed. */
  readonly compressThreshold: number;
  readonly compressType: CompressionType;
  /** Of zlib, 0 to 9. */
  readonly compressLevel: number;
}

/**
 * Checks a message and gives it its wire form. The topic is not checked here: that is done once per topic. Java:
 * `Validators.checkMessage` and `DefaultMQProducerImpl.sendKernelImpl`.
 */
export function outgoingMessage(
  message: Message,
  messageId: string,
  options: OutgoingOptions,
  shardingKey?: string,
): OutgoingMessage {
  const { topic, flag = 0 } = message;
  const body = bodyBytes(message);
  if (body.length === 0) throw new InvalidMessageError(topic, 'has an empty body, which brokers refuse');
  if (body.length > options.maxMessageSize) {
    throw new InvalidMessageError(
      topic,
      `has a body of ${body.length} bytes; the option maxMessageSize allows ${options.maxMessageSize}`,
    );
  }
  if (flag !== (flag | 0))
    throw new InvalidMessageError(topic, `has the flag ${String(flag)}, which is not a 32-bit integer`);
  const properties = encodeMessageProperties(message, messageId, shardingKey);
  if (body.length < options.compressThreshold)
    return { topic, messageId, body, properties, sysFlag: 0, flag };
  const compressed = compress(body, options.compressType, options.compressLevel);
  return {
    topic,
    messageId,
    body: compressed,
    properties,
    sysFlag: compressionFlags(options.compressType),
    flag,
  };
}

function bodyBytes({ topic, body }: Message): Buffer {
  if (typeof body === 'string') return Buffer.from(body, 'utf8');
  if (Buffer.isBuffer(body)) return body;
  throw new InvalidMessageError(
    topic,
    'has a body that is neither a Buffer nor a string; turn an object into text by JSON.stringify',
  );
}
