import type { StoredMessageFields } from '../../../protocol/message/stored-encoder.ts';

/** A message about to be stored. Java: `MessageExtBrokerInner`. */
export interface NewMessage extends Omit<
  StoredMessageFields,
  'queueOffset' | 'commitLogOffset' | 'storeTimestamp' | 'storeHost'
> {
  readonly properties: Map<string, string>;
}
