/** A message about to be stored. Java: `MessageExtBrokerInner`. */
export interface NewMessage {
  readonly topic: string;
  readonly queueId: number;
  readonly flag: number;
  readonly sysFlag: number;
  readonly bornTimestamp: number;
  /** `ip:port` of the client. */
  readonly bornHost: string;
  readonly reconsumeTimes: number;
  readonly preparedTransactionOffset: number;
  readonly body: Buffer;
  readonly properties: Map<string, string>;
}

/** A stored message: its bytes as pulls answer them, and what an index needs. */
export interface StoredRecord {
  readonly topic: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly commitLogOffset: number;
  readonly storeTimestamp: number;
  /** Java's hash of the tag; 0 without. */
  readonly tagsCode: number;
  readonly bytes: Buffer;
}
