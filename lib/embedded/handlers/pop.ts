import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { popRealTopic, writePopInfo, ORDER_REVIVE_QUEUE } from '../../../protocol/message/pop.ts';
import { sqlSubscription, tagSubscription } from '../../../protocol/model/subscription-data.ts';
import { Permission } from '../../../protocol/model/topic-route-data.ts';
import type { HeaderOf } from '../../../protocol/schema/header.ts';
import { unknownTopic } from '../answers.ts';
import type { BrokerState } from '../broker-state.ts';
import type { Answer } from '../faults/control.ts';
import { filterOf, type MessageFilter } from '../filter.ts';
import type { GroupQueue } from '../pop/order.ts';
import { PopReader } from '../pop/pop-reader.ts';
import { wakeMargin } from '../pop/waiters.ts';
import type { EmbeddedServer, RawInbound } from '../server.ts';

type PopHeader = HeaderOf<typeof Commands.popMessage.request>;
type WaitHeader = HeaderOf<typeof Commands.notification.request>;

/** A pop that comes so much too late is not looked at, in ms. */
const tooLate = 500;
const mostMessages = 32;

/** POP_MESSAGE and NOTIFICATION with their long polling. Java: `PopMessageProcessor`, `NotificationProcessor`. */
export function handlePops(server: EmbeddedServer, broker: BrokerState): void {
  if (!broker.manners.pop) return;
  const { popMessage, notification } = Commands;
  server.handleRaw(popMessage, (request) => {
    const header = popMessage.request.read(request.command);
    const bornTime = header.bornTime === 0 ? broker.settings.clock.now() : header.bornTime;
    return pop(broker, request, { ...header, bornTime });
  });
  server.handleRaw(notification, (request) => {
    const header = notification.request.read(request.command);
    const bornTime = header.bornTime === 0 ? broker.settings.clock.now() : header.bornTime;
    return tell(broker, request, { ...header, bornTime });
  });
}

const emptyPop = { popTime: '0', invisibleTime: '0', reviveQid: '0', restNum: '0' };

function pop(broker: BrokerState, request: RawInbound, header: PopHeader): Answer | undefined {
  const refusal = checkPop(broker, request, header);
  if (refusal !== undefined) return { ...refusal, ext: emptyPop };
  const matches = filterFor(broker, header);
  if (matches === undefined)
    return {
      code: ResponseCode.SUBSCRIPTION_PARSE_FAILED,
      remark: "parse the consumer's subscription failed",
      ext: emptyPop,
    };
  const { invisibleTime, consumerGroup: group, topic, queueId, order: isOrderly = false } = header;
  const reviveQueueId = isOrderly ? ORDER_REVIVE_QUEUE : broker.pops.nextReviveQueue();
  const reader = new PopReader(broker, {
    group,
    topic,
    queueId,
    count: header.maxMsgNums,
    invisibleTime,
    from: header.initMode === 0 ? 'first' : 'last',
    isOrderly,
    attemptId: header.attemptId,
    reviveQueueId,
    matches,
  });
  reader.read();
  if (
    reader.messages.length === 0 &&
    hold(broker, request, header, () => pop(broker, request, header), reader.popTime)
  )
    return undefined;
  return {
    ...outcome(broker, header, reader.messages),
    ext: {
      popTime: String(reader.popTime),
      invisibleTime: String(invisibleTime),
      reviveQid: String(reviveQueueId),
      restNum: String(reader.rest),
      startOffsetInfo: writePopInfo(reader.starts),
      msgOffsetInfo: writePopInfo(reader.offsets),
      ...(isOrderly ? { orderCountInfo: writePopInfo(reader.orderCounts) } : {}),
    },
  };
}

function outcome(broker: BrokerState, header: PopHeader, messages: readonly Buffer[]): Answer {
  if (messages.length > 0)
    return { code: ResponseCode.SUCCESS, remark: 'FOUND', body: Buffer.concat(messages) };
  const { topic, consumerGroup: group, queueId, pollTime } = header;
  const isFull = pollTime > 0 && broker.pops.waiters.isFull({ topic, group, queueId });
  const code = isFull ? ResponseCode.POLLING_FULL : ResponseCode.POLLING_TIMEOUT;
  return { code, remark: 'NO_MESSAGE_IN_QUEUE' };
}

/** Java's checks in Java's order. */
function checkPop(broker: BrokerState, request: RawInbound, header: PopHeader): Answer | undefined {
  const { bornTime, pollTime, maxMsgNums } = header;
  const host = broker.address.slice(0, broker.address.lastIndexOf(':'));
  if (broker.settings.clock.now() - bornTime - pollTime > tooLate)
    return {
      code: ResponseCode.POLLING_TIMEOUT,
      remark: `the broker[${host}] pop message is timeout too much`,
    };
  if (maxMsgNums > mostMessages)
    return {
      code: ResponseCode.INVALID_PARAMETER,
      remark: `the broker[${host}] pop message's num is greater than ${mostMessages}`,
    };
  return checkQueue(broker, request, header);
}

function checkQueue(
  { topics, manners, groups }: BrokerState,
  { connection }: RawInbound,
  { topic, queueId, consumerGroup }: PopHeader | WaitHeader,
): Answer | undefined {
  const config = topics.get(topic);
  if (config === undefined) return unknownTopic(topic, manners);
  if ((config.perm & Permission.read) === 0)
    return { code: ResponseCode.NO_PERMISSION, remark: `the topic[${topic}] peeking message is forbidden` };
  if (queueId >= config.readQueueNums) {
    const consumer = `consumer:[/${connection.remoteAddress}]`;
    const remark = `queueId[${queueId}] is illegal, topic:[${topic}] topicConfig.readQueueNums:[${config.readQueueNums}] ${consumer}`;
    return { code: ResponseCode.INVALID_PARAMETER, remark };
  }
  if (groups.config(consumerGroup).consumeEnable) return undefined;
  return {
    code: ResponseCode.NO_PERMISSION,
    remark: `subscription group no permission, ${consumerGroup}`,
  };
}

function filterFor(broker: BrokerState, { topic, exp, expType }: PopHeader): MessageFilter | undefined {
  try {
    const expression = exp === undefined || exp === '' ? '*' : exp;
    const subscription =
      expType === 'SQL92' ? sqlSubscription(topic, expression, 0) : tagSubscription(topic, expression, 0);
    return filterOf(subscription, broker.manners);
  } catch {
    return undefined;
  }
}

/** Whether the request waits. An orderly one also waits for its queue to become free. */
function hold(
  broker: BrokerState,
  request: RawInbound,
  header: PopHeader | WaitHeader,
  again: () => Answer | undefined,
  asOf = broker.settings.clock.now(),
): boolean {
  const { clock } = broker.settings;
  const { topic, consumerGroup: group, queueId, bornTime, pollTime, order, attemptId } = header;
  const end = bornTime + pollTime - wakeMargin;
  const { waiters } = broker.pops;
  if (pollTime <= 0 || clock.now() > end - 1 || waiters.isFull({ topic, group, queueId })) return false;
  // As of when it was looked, or a queue that has become free meanwhile would be waited for in vain.
  const free = order === true ? nextFree(broker, { group, topic, queueId }, attemptId, asOf) : 0;
  const resume = (): void => {
    const answer = again();
    if (answer !== undefined) request.answer(answer);
  };
  const until = free > 0 ? Math.min(free, end) : end;
  waiters.hold({ connection: request.connection, topic, group, queueId, until, resume });
  return true;
}

/** When a blocked queue becomes free without an acknowledgement; 0 when none is blocked. Java: `ConsumerOrderInfoLockManager`. */
function nextFree(
  { pops, topics }: BrokerState,
  place: GroupQueue,
  attemptId: string | undefined,
  asOf: number,
): number {
  const { topic, queueId } = place;
  const count = queueId < 0 ? (topics.get(topic)?.readQueueNums ?? 0) : 1;
  const ids = Array.from({ length: count }, (_, id) => (queueId < 0 ? id : queueId));
  const times = ids.map((id) => pops.order.freeAt({ ...place, queueId: id }, attemptId, asOf));
  const blocked = times.filter((time) => time > 0);
  return blocked.length === 0 ? 0 : Math.min(...blocked);
}

/** Whether there is something to pop, now or before the time is up. */
function tell(broker: BrokerState, request: RawInbound, header: WaitHeader): Answer | undefined {
  const ext = { hasMsg: 'false', pollingFull: 'false' };
  const refusal = checkQueue(broker, request, header);
  if (refusal !== undefined) return { ...refusal, ext };
  const { topic, consumerGroup: group, queueId, pollTime } = header;
  const hasMsg = hasMessages(broker, header);
  if (!hasMsg && hold(broker, request, header, () => tell(broker, request, header))) return undefined;
  const pollingFull = !hasMsg && pollTime > 0 && broker.pops.waiters.isFull({ topic, group, queueId });
  return {
    // Java forgets to clear the text it began with.
    remark: 'not set any response code',
    ext: { hasMsg: String(hasMsg), pollingFull: String(pollingFull) },
  };
}

function hasMessages(broker: BrokerState, header: WaitHeader): boolean {
  const { topic, consumerGroup: group, queueId, order = false, attemptId } = header;
  const { topics, log, offsets, settings } = broker;
  const has = (name: string, id: number): boolean => {
    const queue = log.queue(name, id);
    const place = { group, topic: name, queueId: id };
    if (order && broker.pops.order.freeAt(place, attemptId) > settings.clock.now()) return false;
    return queue.maxOffset > Math.max(queue.minOffset, offsets.query(group, name, id));
  };
  const any = (name: string): boolean =>
    Array.from({ length: topics.get(name)?.readQueueNums ?? 0 }, (_, id) => id).some((id) => has(name, id));
  return (queueId < 0 ? any(topic) : has(topic, queueId)) || any(popRealTopic(topic, group, '1'));
}
