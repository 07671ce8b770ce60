/** Bits of a message's `sysFlag`. Java: `MessageSysFlag`. */
export const SysFlag = {
  compressed: 0x1,
  multiTags: 0x2,
  transactionPrepared: 0x4,
  transactionCommit: 0x8,
  /** Also the mask of the transaction type. */
  transactionRollback: 0xc,
  bornHostV6: 0x10,
  storeHostV6: 0x20,
  needUnwrap: 0x40,
  innerBatch: 0x80,
  /** Mask of the compression type; 0 is the zlib of producers before 4.9.4. */
  compressionMask: 0x700,
  compressionLz4: 0x100,
  compressionZstd: 0x200,
  compressionZlib: 0x300,
} as const;

/** Bits of a topic's `topicSysFlag`, set by the unit mode of the client that makes brokers create it. Java: `TopicSysFlag`. */
export const TopicSysFlag = {
  /** A topic of a unit. */
  unit: 1,
  /** A retry topic of a group of a unit. */
  unitSub: 2,
} as const;

/** Java's names that are not among the bits, each with the reason. */
export const sysFlagDifferences: Readonly<Record<string, string>> = {
  TRANSACTION_NOT_TYPE: 'zero: no bit at all',
};

/** Bits of the `sysFlag` of a pull request. Java: `PullSysFlag`. */
export const PullSysFlag = {
  /** `commitOffset` is to be stored. */
  commitOffset: 1,
  /** The broker may hold the request until a message arrives. */
  suspend: 2,
  /** The request carries its own subscription. */
  subscription: 4,
  classFilter: 8,
  litePull: 16,
} as const;
