import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { ConsumerEvents } from '../events.ts';

/** The readable queues of a topic are not those that they were. */
export interface TopicQueuesEvent {
  readonly topic: string;
  /** All of them now, sorted. */
  readonly queues: readonly MessageQueue[];
  readonly before: readonly MessageQueue[];
}

/** The events of a {@link LitePullConsumer}. */
export interface LitePullConsumerEvents extends ConsumerEvents {
  /** Of topics that are subscribed, assigned or watched. Java: `TopicMessageQueueChangeListener`. */
  topicQueuesChanged: [TopicQueuesEvent];
}
