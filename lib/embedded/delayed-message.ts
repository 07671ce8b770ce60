import { MessageProperty } from '../../protocol/message/properties.ts';
import { SysFlag } from '../../protocol/message/sys-flag.ts';
import type { NewMessage } from './records.ts';
import { SCHEDULE_TOPIC } from './topics.ts';

/** Where messages with a time of delivery wait. Java: `TimerMessageStore.TIMER_TOPIC`. */
const timerTopic = 'rmq_sys_wheel_timer';

interface Parked {
  readonly message: NewMessage;
  /** When it is to appear, in ms since the epoch. */
  readonly due: number;
}

/** The message as it is parked, when it is to appear later than now. Java: `HookUtils.handleScheduleMessage`. */
export function delayed(
  message: NewMessage,
  now: number,
  levels: readonly number[],
  timed: boolean,
): Parked | undefined {
  const transaction = message.sysFlag & SysFlag.transactionRollback;
  if (transaction !== 0 && transaction !== SysFlag.transactionCommit) return undefined;
  const level = Math.min(Number(message.properties.get(MessageProperty.DELAY) ?? 0), levels.length);
  if (level > 0)
    return { message: park(message, SCHEDULE_TOPIC, level - 1), due: now + (levels[level - 1] ?? 0) };
  const due = timed ? timeOfDelivery(message.properties, now) : undefined;
  if (due === undefined || due <= now) return undefined;
  const parked = park(message, timerTopic, 0);
  // Java's wheel turns once a second.
  parked.properties.set(MessageProperty.TIMER_OUT_MS, String(Math.floor(due / 1000) * 1000));
  parked.properties.set(MessageProperty.TIMER_ENQUEUE_MS, String(now));
  return { message: parked, due };
}

/** The message as it appears at last; Java leaves the level in its properties. Java: `ScheduleMessageService.messageTimeUp`. */
export function undelayed(message: NewMessage): NewMessage {
  const { topic, queueId, properties } = message;
  const realQueue = Number(properties.get(MessageProperty.REAL_QID) ?? queueId);
  return { ...message, topic: properties.get(MessageProperty.REAL_TOPIC) ?? topic, queueId: realQueue };
}

function park(message: NewMessage, topic: string, queueId: number): NewMessage {
  const properties = new Map(message.properties);
  properties.set(MessageProperty.REAL_TOPIC, message.topic);
  properties.set(MessageProperty.REAL_QID, String(message.queueId));
  return { ...message, topic, queueId, properties };
}

function timeOfDelivery(properties: ReadonlyMap<string, string>, now: number): number | undefined {
  const at = properties.get(MessageProperty.TIMER_DELIVER_MS);
  if (at !== undefined) return Number(at);
  const seconds = properties.get(MessageProperty.TIMER_DELAY_SEC);
  if (seconds !== undefined) return now + Number(seconds) * 1000;
  const millis = properties.get(MessageProperty.TIMER_DELAY_MS);
  return millis === undefined ? undefined : now + Number(millis);
}
