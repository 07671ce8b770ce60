import { ProtocolError } from '../../protocol/errors.ts';
import { decodeStoredMessages } from '../../protocol/message/stored-message.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';

/** Cap on an inflated body, in bytes. */
const maxBodySize = 16 * 1024 * 1024;

/** The one stored message that a body must be, as in requests 39 and 309. Throws `ProtocolError`. Pure. */
export function decodeOneMessage(body: Buffer, brokerName?: string): ReceivedMessage {
  const [record] = decodeStoredMessages(body, {
    maxBodySize,
    ...(brokerName === undefined ? {} : { brokerName }),
  });
  if (record === undefined) throw new ProtocolError('stored message', 'is missing from the body');
  if (!record.ok) throw record.error;
  return record.message;
}
