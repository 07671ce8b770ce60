import { ProtocolError } from '../errors.ts';
import { parseExactInteger } from './integer-text.ts';

/** What withdraws a timed message that is not delivered yet. Java: `RecallMessageHandle.HandleV1`. */
export interface RecallHandle {
  readonly topic: string;
  readonly brokerName: string;
  /** When it would be delivered, milliseconds since the epoch. */
  readonly timestamp: number;
  /** The message's unique id. */
  readonly messageId: string;
}

/** Writes a recall handle: URL-safe base64, padded. */
export function writeRecallHandle({ topic, brokerName, timestamp, messageId }: RecallHandle): string {
  const text = ['v1', topic, brokerName, timestamp, messageId].join(' ');
  if (text.split(' ').length !== 5) throw new ProtocolError('recall handle', 'cannot hold names with blanks');
  return Buffer.from(text, 'utf8').toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** Reads a recall handle. Throws a {@link ProtocolError} when it is malformed or of another version. */
export function parseRecallHandle(handle: string): RecallHandle {
  const where = 'recall handle';
  const [version, topic, brokerName, timestamp, messageId, more] = Buffer.from(
    handle.slice(0, 4_096),
    'base64url',
  )
    .toString('utf8')
    .split(' ');
  if (
    version !== 'v1' ||
    topic === undefined ||
    brokerName === undefined ||
    messageId === undefined ||
    more !== undefined
  )
    throw new ProtocolError(where, `${JSON.stringify(handle.slice(0, 80))} is not one of version 1`);
  return { topic, brokerName, timestamp: parseExactInteger(timestamp, where), messageId };
}
