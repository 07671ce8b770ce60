import type { Message } from '../../protocol/message/message.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import { InvalidMessageError } from '../errors.ts';
import type { PublishTopic } from './publish-topics.ts';
import { selectByHash } from './queue-selector.ts';

/** Chooses one of a topic's writable queues, which come in Java's order. Java: `MessageQueueSelector`. */
export type SelectQueue = (queues: readonly MessageQueue[], message: Message) => MessageQueue;

/** How one message is sent. A send that is bound to a queue, in any of the three ways, is not tried on another. */
export interface SendOptions {
  /** Milliseconds for all attempts together; default the option `sendTimeout`. */
  readonly timeout?: number | undefined;
  /** Gives up waiting; the message may be stored all the same. */
  readonly signal?: AbortSignal | undefined;
  /** The queue to send to. */
  readonly queue?: MessageQueue | undefined;
  readonly select?: SelectQueue | undefined;
  /**
   * Messages of one key go to one queue, by Java's `SelectMessageQueueByHash`, and so stay in order. Sent along as the
   * property `__SHARDINGKEY`.
   */
  readonly shardingKey?: string | undefined;
}

/** The queue that the options bind a message to, if they do. `queue` goes before `select`, and that before `shardingKey`. */
export function boundQueue(
  message: Message,
  topic: PublishTopic,
  options: SendOptions,
): MessageQueue | undefined {
  const { queue, select, shardingKey } = options;
  if (queue === undefined && select === undefined && shardingKey === undefined) return undefined;
  const chosen: unknown =
    queue ??
    (select === undefined ? selectByHash(topic.queues, shardingKey ?? '') : select(topic.queues, message));
  if (!isQueue(chosen))
    throw new InvalidMessageError(
      message.topic,
      'has no queue: the function `select` must return one of those it is given',
    );
  if (chosen.topic !== message.topic)
    throw new InvalidMessageError(message.topic, `cannot go to a queue of topic ${chosen.topic}`);
  return chosen;
}

function isQueue(value: unknown): value is MessageQueue {
  return (
    typeof value === 'object' &&
    value !== null &&
    'brokerName' in value &&
    typeof value.brokerName === 'string' &&
    'queueId' in value &&
    Number.isInteger(value.queueId) &&
    'topic' in value
  );
}
