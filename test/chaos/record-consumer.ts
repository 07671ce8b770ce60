import { setTimeout as delay } from 'node:timers/promises';
import type { ConsumeContext } from '../../lib/consumer/listener.ts';
import type { PushConsumer } from '../../lib/consumer/push-consumer.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import { type Recorder, sharedNow } from '../history/history.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import type { HistoryEvent } from '../history/event.ts';
import type { ChaosMode } from './chaos-process.ts';

const names = ({ topic, brokerName, queueId }: MessageQueue): { topic: string; queue: string } => ({
  topic,
  queue: `${brokerName}:${queueId}`,
});

type Place = Pick<HistoryEvent, 'topic' | 'queue' | 'offset' | 'epoch' | 'madeAt'>;

/** Subscribes with a listener that works up to 50 ms, fails now and then at the first try, and takes everything down. */
export function recordConsumer(
  consumer: PushConsumer,
  {
    process,
    topic,
    history,
    mode,
  }: {
    readonly process: string;
    readonly topic: string;
    readonly history: Recorder;
    readonly mode: ChaosMode;
  },
): void {
  const held = {
    ...(mode === 'orderly' && { orderly: true }),
    ...((mode === 'locked' || mode === 'orderly') && { locked: true }),
  };
  const epochs = new WeakMap<ConsumeContext, number>();
  /** Of popped messages, by message id. */
  const values = new Map<string, string>();
  let last = 0;
  const epochOf = (context: ConsumeContext): number => {
    const known = epochs.get(context);
    if (known !== undefined) return known;
    const epoch = ++last;
    epochs.set(context, epoch);
    const ended = (): void => history.record({ process, op: 'own-', ...names(context.queue), epoch });
    context.signal.addEventListener('abort', ended, { once: true });
    return epoch;
  };
  /** A copy in the retry topic has a place of its own; each delivery is an epoch. */
  const popped = (message: ReceivedMessage): Place => {
    values.set(message.messageId, message.text());
    const isFirst = message.reconsumeTimes === 0;
    const queue = `${message.brokerName}:${isFirst ? message.queueId : 'again'}`;
    const madeAt = message.storeTimestamp - Date.now() + sharedNow();
    const copy = isFirst ? { offset: message.queueOffset } : { madeAt };
    return { topic, queue, ...copy, epoch: ++last };
  };
  consumer.subscribe(topic, {
    eachMessage: async (message, context) => {
      const where =
        mode === 'pop'
          ? popped(message)
          : { ...names(context.queue), offset: message.queueOffset, epoch: epochOf(context) };
      const about = { process, ...where, value: message.text() };
      history.record({ ...about, op: 'deliver', ...held });
      await delay(Math.random() * 50);
      if (message.reconsumeTimes > 0 || Math.random() > 0.02) {
        history.record({ ...about, op: 'done' });
        return undefined;
      }
      // In orderly mode it goes nowhere.
      history.record({ ...about, op: 'back', phase: mode === 'orderly' ? 'fail' : 'invoke' });
      return { delayLevel: 1 };
    },
  });
  consumer.on('popExpired', ({ messageId, phase }) => {
    const value = values.get(messageId) ?? '';
    if (phase === 'listener') history.record({ process, op: 'back', phase: 'fail', kind: 'expired', value });
  });
  // What is popped has no owners.
  if (mode === 'pop') return;
  consumer.on('rebalance', ({ gained, lost }) => {
    for (const queue of lost) history.record({ process, op: 'own-', ...names(queue) });
    for (const queue of gained) history.record({ process, op: 'own+', ...names(queue) });
  });
  const beganAnew = (queue: MessageQueue): void => {
    if (queue.topic === topic) history.record({ process, op: 'own+', ...names(queue) });
  };
  consumer.on('offsetMoved', ({ queue }) => beganAnew(queue));
  consumer.on('lockLost', ({ queue, reason }) => {
    if (reason === 'taken') beganAnew(queue);
  });
}
