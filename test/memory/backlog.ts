/** Messages that wait at a broker. */
export interface Backlog {
  readonly topic: string;
  readonly queues: number;
  readonly messages: number;
  /** Bytes. */
  readonly bodySize: number;
}

/** What a consumer is to do with them. */
export interface Appetite {
  readonly nameServers: string;
  readonly consumerGroup: string;
  readonly topic: string;
  /** Of so many messages that follow one another one never ends; the others are done at once. */
  readonly oneHangsOf: number;
  readonly pullThresholdForQueue: number;
  /** MiB. */
  readonly pullThresholdSizeForQueue: number;
  readonly consumeConcurrentlyMaxSpan: number;
}

/** What it came to. */
export interface Outcome {
  /** MiB by which resident memory grew while the cache filled, at its highest. */
  readonly grown: number;
  /** MiB of records that the consumer counts, and of buffers outside of the heap that there are more than before. */
  readonly counted: number;
  readonly buffers: number;
  /** Messages that are cached, and those that were done. */
  readonly cached: number;
  readonly done: number;
  /** Why the queues are not pulled from. */
  readonly holds: readonly (string | undefined)[];
}
