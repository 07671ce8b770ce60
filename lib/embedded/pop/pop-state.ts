import { popRealTopic } from '../../../protocol/message/pop.ts';
import { MessageProperty } from '../../../protocol/message/properties.ts';
import { isRetryTopic } from '../../../protocol/message/topic.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { MessageLog } from '../store/message-log.ts';
import type { NewMessage } from '../store/new-message.ts';
import { Checkpoints, type PoppedMessage } from './checkpoints.ts';
import { PopOrder } from './order.ts';
import { PopWaiters } from './waiters.ts';

/** Java's `reviveQueueNum`. */
const reviveQueues = 8;

/** What a broker knows of pop consumption. */
export class PopState {
  readonly checkpoints: Checkpoints;
  readonly order: PopOrder;
  readonly waiters: PopWaiters;
  #pops = 0;

  /** `store` stores a message anew whose time is up. */
  constructor(clock: Clock, log: MessageLog, store: (message: NewMessage) => void) {
    this.checkpoints = new Checkpoints(clock, (popped) => {
      const message = revived(log, popped);
      if (message !== undefined) store(message);
    });
    this.order = new PopOrder(clock);
    this.waiters = new PopWaiters(clock);
  }

  /** Number of the next revive queue; nothing is stored there, but clients are told of it. */
  nextReviveQueue(): number {
    return this.#pops++ % reviveQueues;
  }

  start(): void {
    this.checkpoints.start();
  }

  stop(): void {
    this.checkpoints.stop();
    this.waiters.clear();
  }
}

/** The message as it comes again. Java: `PopReviveService.reviveRetry`. */
function revived(
  log: MessageLog,
  { group, topic, queueId, offset, popTime }: PoppedMessage,
): NewMessage | undefined {
  const record = log.queue(topic, queueId).at(offset);
  if (record === undefined) return undefined;
  const message = record.copy();
  message.properties.set(MessageProperty.ORIGIN_GROUP, group);
  if (message.reconsumeTimes === 0 || !message.properties.has(MessageProperty.FIRST_POP_TIME))
    message.properties.set(MessageProperty.FIRST_POP_TIME, String(popTime));
  return {
    ...message,
    topic: isRetryTopic(topic) ? topic : popRealTopic(topic, group, '1'),
    queueId: 0,
    reconsumeTimes: message.reconsumeTimes + 1,
  };
}
