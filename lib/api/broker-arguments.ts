import type { MessageQueue } from '../../protocol/model/message-queue.ts';

/** A position of a group in a queue. */
export interface GroupQueue {
  readonly group: string;
  readonly queue: MessageQueue;
}

/** A message to come again later. Java: `ConsumerSendMsgBackRequestHeader`. */
export interface SendBack {
  readonly group: string;
  /** Commit log offset of the message on the broker that stored it. */
  readonly offset: number;
  /** Above 0: that level; 0: the broker's rule; below 0: straight to the dead letter queue. */
  readonly delayLevel: number;
  readonly originMsgId?: string | undefined;
  readonly originTopic?: string | undefined;
  readonly maxReconsumeTimes?: number | undefined;
  readonly unitMode?: boolean | undefined;
  readonly brokerName: string;
}

/** Queues that a member wants, or gives up. Java: `LockBatchRequestBody`. */
export interface QueueLock {
  readonly group: string;
  readonly clientId: string;
  readonly queues: readonly MessageQueue[];
}

/** A member that leaves. Java: `UnregisterClientRequestHeader`. */
export interface Unregistration {
  readonly clientId: string;
  readonly producerGroup?: string | undefined;
  readonly consumerGroup?: string | undefined;
}

/** A topic to create or change. Java: `CreateTopicRequestHeader`. */
export interface TopicDefinition {
  readonly topic: string;
  /** The topic whose configuration new topics take. Default `TBW102`. */
  readonly defaultTopic?: string | undefined;
  readonly readQueueNums: number;
  readonly writeQueueNums: number;
  /** Bits of `Permission`; default read and write. */
  readonly perm?: number | undefined;
  readonly topicSysFlag?: number | undefined;
  readonly order?: boolean | undefined;
  /** `+message.type=FIFO` and the like; brokers of 5.x. */
  readonly attributes?: string | undefined;
}
