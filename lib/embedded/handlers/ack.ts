import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import {
  ORDER_REVIVE_QUEUE,
  parseReceiptHandle,
  popRealTopic,
  type RetryMark,
} from '../../../protocol/message/pop.ts';
import type { BatchAck } from '../../../protocol/model/batch-ack.ts';
import type { HeaderOf } from '../../../protocol/schema/header.ts';
import { unknownTopic } from '../answers.ts';
import type { BrokerState } from '../broker-state.ts';
import type { Answer } from '../faults/control.ts';
import type { EmbeddedServer, RawInbound } from '../server.ts';

type AckHeader = HeaderOf<typeof Commands.ackMessage.request>;
type HideHeader = HeaderOf<typeof Commands.changeMessageInvisibleTime.request>;

/** What became of popped messages. Java: `AckMessageProcessor`, `ChangeInvisibleTimeProcessor`. */
export function handleAcks(server: EmbeddedServer, broker: BrokerState): void {
  if (!broker.manners.pop) return;
  const { ackMessage, changeMessageInvisibleTime: change } = Commands;
  server.handleRaw(ackMessage, (request) =>
    acknowledge(broker, request, ackMessage.request.read(request.command)),
  );
  server.handleRaw(change, (request) => hide(broker, request, change.request.read(request.command)));
  server.handle(Commands.batchAckMessage, ({ body: { acks } }) => {
    if (acks.length === 0) return { code: ResponseCode.NO_MESSAGE, ext: {} };
    for (const ack of acks) acknowledgeAll(broker, ack);
    return { ext: {} };
  });
}

function acknowledge(broker: BrokerState, request: RawInbound, header: AckHeader): Answer {
  const refusal = checkQueue(broker, request, header);
  if (refusal !== undefined) return { ...refusal, ext: {} };
  const { topic, queueId, offset, consumerGroup: group } = header;
  const { minOffset, maxOffset } = broker.log.queue(topic, queueId);
  if (offset < minOffset || offset > maxOffset) {
    const remark = `offset is illegal, key:${topic}@${queueId}, commit:${offset}, store:${minOffset}~${maxOffset}`;
    return { code: ResponseCode.NO_MESSAGE, remark, ext: {} };
  }
  const { popTime, reviveQueueId } = parseReceiptHandle(header.extraInfo);
  const message = { group, topic, queueId, offset, popTime };
  if (reviveQueueId === ORDER_REVIVE_QUEUE) return acknowledgeOrderly(broker, message);
  broker.pops.checkpoints.acknowledge(message);
  return { ext: {} };
}

interface Acknowledged {
  readonly group: string;
  readonly topic: string;
  readonly queueId: number;
  readonly offset: number;
  readonly popTime: number;
}

function acknowledgeOrderly(broker: BrokerState, message: Acknowledged): Answer {
  const { group, topic, queueId, offset, popTime } = message;
  const { offsets, pops, settings } = broker;
  const old = offsets.query(group, topic, queueId);
  if (offset < old) return { ext: {} };
  const next = pops.order.acknowledge(message, offset, popTime);
  if (next === undefined) return { ext: {} };
  if (next < 0) {
    const remark = `offset is illegal, key:${topic}@${group}@${queueId}, old:${old}, commit:${offset}, next:${next}`;
    return { code: ResponseCode.MESSAGE_ILLEGAL, remark, ext: {} };
  }
  if (!offsets.hasReset(group, topic, queueId)) offsets.commit(group, topic, queueId, next);
  if (pops.order.freeAt(message, undefined) <= settings.clock.now()) pops.waiters.arrived(topic);
  return { ext: {} };
}

/** Offsets that the queue does not have are passed over. */
function acknowledgeAll(broker: BrokerState, ack: BatchAck): void {
  const { consumerGroup: group, queueId, popTime, reviveQueueId } = ack;
  const topic = popRealTopic(ack.topic, group, markOf(ack.retry));
  for (const bit of ack.bitSet) {
    const message = { group, topic, queueId, offset: ack.startOffset + bit, popTime };
    if (reviveQueueId === ORDER_REVIVE_QUEUE) acknowledgeOrderly(broker, message);
    else broker.pops.checkpoints.acknowledge(message);
  }
}

const markOf = (retry: string): RetryMark => (retry === '1' || retry === '2' ? retry : '0');

const nothingHidden = { popTime: '0', invisibleTime: '0', reviveQid: '0' };
/** Java forgets to clear the text it began with. */
const unset = 'not set any response code';

function hide(broker: BrokerState, request: RawInbound, header: HideHeader): Answer {
  const refusal = checkQueue(broker, request, header);
  if (refusal !== undefined) return { ...refusal, ext: nothingHidden };
  const { topic, queueId, offset, consumerGroup: group, invisibleTime } = header;
  const { minOffset, maxOffset } = broker.log.queue(topic, queueId);
  if (offset < minOffset || offset >= maxOffset)
    return { code: ResponseCode.NO_MESSAGE, remark: unset, ext: nothingHidden };
  const { popTime, reviveQueueId } = parseReceiptHandle(header.extraInfo);
  const now = broker.settings.clock.now();
  const { checkpoints, order } = broker.pops;
  const place = { group, topic, queueId };
  if (reviveQueueId === ORDER_REVIVE_QUEUE) {
    if (offset < broker.offsets.query(group, topic, queueId)) return { remark: unset, ext: nothingHidden };
    order.hide(place, offset, popTime, now + invisibleTime);
    // Pops that wait for the queue learn when it is free now.
    broker.pops.waiters.arrived(topic);
    return hidden(popTime, now + invisibleTime - popTime, reviveQueueId);
  }
  checkpoints.acknowledge({ ...place, offset, popTime });
  checkpoints.add({ ...place, offset, popTime: now, invisibleTime });
  return hidden(now, invisibleTime, reviveQueueId);
}

const hidden = (popTime: number, invisibleTime: number, reviveQid: number): Answer => ({
  remark: unset,
  ext: { popTime: String(popTime), invisibleTime: String(invisibleTime), reviveQid: String(reviveQid) },
});

function checkQueue(
  { topics, manners }: BrokerState,
  { connection }: RawInbound,
  { topic, queueId }: AckHeader,
): Answer | undefined {
  const config = topics.get(topic);
  if (config === undefined) return unknownTopic(topic, manners);
  if (queueId >= 0 && queueId < config.readQueueNums) return undefined;
  const consumer = `consumer:[/${connection.remoteAddress}]`;
  const remark = `queueId[${queueId}] is illegal, topic:[${topic}] topicConfig.readQueueNums:[${config.readQueueNums}] ${consumer}`;
  return { code: ResponseCode.MESSAGE_ILLEGAL, remark };
}
