import { MessageProperty } from '../../../protocol/message/properties.ts';
import { writeRecallHandle } from '../../../protocol/message/recall-handle.ts';
import { SysFlag } from '../../../protocol/message/sys-flag.ts';
import type { NewMessage } from '../store/new-message.ts';
import type { StoredRecord } from '../store/stored-record.ts';
import { SCHEDULE_TOPIC } from '../topics.ts';

/** Where messages with a time of delivery wait. Java: `TimerMessageStore.TIMER_TOPIC`. */
export const TIMER_TOPIC = 'rmq_sys_wheel_timer';

/** Java's `timerMaxDelaySec`: three days, in ms. */
export const mostTimerDelay = 3 * 24 * 3_600_000;

interface Parked {
  readonly message: NewMessage;
  /** When it is to appear, in ms since the epoch. */
  readonly due: number;
}

const timerProperties = [
  MessageProperty.TIMER_DELIVER_MS,
  MessageProperty.TIMER_DELAY_SEC,
  MessageProperty.TIMER_DELAY_MS,
];

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
  if (level > 0) {
    const parked = park(message, SCHEDULE_TOPIC, level - 1);
    // The level wins, and nothing of the time is left.
    if (timed) for (const property of timerProperties) parked.properties.delete(property);
    return { message: parked, due: now + (levels[level - 1] ?? 0) };
  }
  const due = timed ? timeOfDelivery(message.properties, now) : undefined;
  if (due === undefined || due <= now) return undefined;
  const parked = park(message, TIMER_TOPIC, 0);
  // Java's wheel turns once a second.
  parked.properties.set(MessageProperty.TIMER_OUT_MS, String(wholeSeconds(due)));
  parked.properties.set(MessageProperty.TIMER_ENQUEUE_MS, String(wholeSeconds(now)));
  return { message: parked, due };
}

const wholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;

/** The message as it appears at last; Java leaves the level in its properties. Java: `ScheduleMessageService.messageTimeUp`. */
export function undelayed(record: StoredRecord, now: number): NewMessage {
  const message = record.copy();
  const { topic, queueId, properties } = message;
  const realQueue = Number(properties.get(MessageProperty.REAL_QID) ?? queueId);
  if (topic === TIMER_TOPIC) properties.set(MessageProperty.TIMER_DEQUEUE_MS, String(now));
  return { ...message, topic: properties.get(MessageProperty.REAL_TOPIC) ?? topic, queueId: realQueue };
}

function park(message: NewMessage, topic: string, queueId: number): NewMessage {
  const properties = new Map(message.properties);
  properties.set(MessageProperty.REAL_TOPIC, message.topic);
  properties.set(MessageProperty.REAL_QID, String(message.queueId));
  return { ...message, topic, queueId, properties };
}

/** Why a time of delivery is refused. Java: `HookUtils.transformTimerMessage`. */
export function timerProblem(properties: ReadonlyMap<string, string>, now: number): string | undefined {
  if (Number(properties.get(MessageProperty.DELAY) ?? 0) > 0) return undefined;
  const due = timeOfDelivery(properties, now);
  if (due === undefined || due - now <= mostTimerDelay) return undefined;
  return `timer message illegal, the delay time should not be bigger than the max delay ${mostTimerDelay}ms; or if set del msg, the delay time should be bigger than the current time`;
}

function timeOfDelivery(properties: ReadonlyMap<string, string>, now: number): number | undefined {
  const at = properties.get(MessageProperty.TIMER_DELIVER_MS);
  if (at !== undefined) return Number(at);
  const seconds = properties.get(MessageProperty.TIMER_DELAY_SEC);
  if (seconds !== undefined) return now + Number(seconds) * 1000;
  const millis = properties.get(MessageProperty.TIMER_DELAY_MS);
  return millis === undefined ? undefined : now + Number(millis);
}

/** What recalls a parked message. Java: `SendMessageProcessor.attachRecallHandle`. */
export function recallHandleOf(
  broker: { readonly name: string },
  record: StoredRecord,
  messageId: string,
): string {
  const { properties } = record;
  const timestamp = Number(properties.get(MessageProperty.TIMER_OUT_MS)) + 1;
  const topic = properties.get(MessageProperty.REAL_TOPIC) ?? '';
  return writeRecallHandle({ topic, brokerName: broker.name, timestamp, messageId });
}

/** Whether a parked message is the one that a handle names. */
export function isRecalled(record: StoredRecord, topic: string, messageId: string): boolean {
  if (record.topic !== TIMER_TOPIC) return false;
  const { properties } = record;
  return (
    properties.get(MessageProperty.REAL_TOPIC) === topic &&
    properties.get(MessageProperty.UNIQ_KEY) === messageId
  );
}
