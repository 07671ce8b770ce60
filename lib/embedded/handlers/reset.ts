import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { HeaderOf } from '../../../protocol/schema/header.ts';
import type { BrokerState } from '../broker-state.ts';
import type { EmbeddedServer, RowAnswer } from '../server.ts';
import type { ResetOffsetBody } from '../../../protocol/model/reset-offset.ts';

type ResetHeader = HeaderOf<typeof Commands.invokeBrokerToResetOffset.request>;
type ResetAnswer = RowAnswer<typeof Commands.invokeBrokerToResetOffset.response.fields, ResetOffsetBody>;
type Offsets = [MessageQueue, number][];

/** INVOKE_BROKER_TO_RESET_OFFSET: kept on the broker (5.2 and later), or pushed to the members. Java: `AdminBrokerProcessor.resetOffset`. */
export function handleResets(server: EmbeddedServer, broker: BrokerState): void {
  server.handle(Commands.invokeBrokerToResetOffset, ({ header }) =>
    broker.manners.serverSideReset ? resetHere(broker, header) : resetAtClients(server, broker, header),
  );
}

function resetHere(broker: BrokerState, header: ResetHeader): ResetAnswer {
  const { topic, group, queueId = -1, offset = -1, timestamp } = header;
  const config = broker.topics.get(topic);
  if (config === undefined)
    return { code: ResponseCode.TOPIC_NOT_EXIST, remark: `Topic ${topic} does not exist` };
  if (!broker.groups.isKnown(group))
    return { code: ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, remark: `Group ${group} does not exist` };
  const ids = queueId >= 0 ? [queueId] : Array.from({ length: config.readQueueNums }, (_, id) => id);
  const byOffset = queueId >= 0 && offset !== -1;
  const queue = broker.log.queue(topic, Math.max(0, queueId));
  if (byOffset && (offset < queue.minOffset || offset > queue.maxOffset + 1)) {
    const remark = `Target offset ${offset} not in consume queue range [${queue.minOffset}-${queue.maxOffset}]`;
    return { code: ResponseCode.SYSTEM_ERROR, remark };
  }
  const offsetTable = ids.map((id): [MessageQueue, number] => [
    broker.queue(topic, id),
    byOffset ? offset : offsetAt(broker, topic, id, timestamp),
  ]);
  for (const [{ queueId: id }, value] of offsetTable) broker.offsets.reset(group, topic, id, value);
  return { body: { offsetTable } };
}

function resetAtClients(server: EmbeddedServer, broker: BrokerState, header: ResetHeader): ResetAnswer {
  const { topic, group, timestamp } = header;
  const config = broker.topics.get(topic);
  if (config === undefined) {
    const remark = `[reset-offset] reset offset failed, no topic in this broker. topic=${topic}`;
    return { code: ResponseCode.SYSTEM_ERROR, remark };
  }
  const offsetTable: Offsets = [];
  for (let id = 0; id < config.writeQueueNums; id++) {
    const known = broker.offsets.query(group, topic, id);
    if (known === -1)
      return { code: ResponseCode.SYSTEM_ERROR, remark: `THe consumer group <${group}> not exist` };
    const wanted = Math.max(0, offsetAt(broker, topic, id, timestamp));
    offsetTable.push([broker.queue(topic, id), header.isForce || wanted < known ? wanted : known]);
  }
  const members = broker.groups.get(group);
  if (members === undefined) {
    const remark = `Consumer not online, so can not reset offset, Group: ${group} Topic: ${topic} Timestamp: ${timestamp}`;
    return { code: ResponseCode.CONSUMER_NOT_ONLINE, remark };
  }
  const push = { topic, group, queueId: -1, offset: -1, timestamp, isForce: false };
  for (const connection of members.channels.keys())
    server.notify(connection, Commands.resetConsumerClientOffset, push, { offsetTable });
  return { body: { offsetTable } };
}

function offsetAt(broker: BrokerState, topic: string, queueId: number, timestamp: number): number {
  const queue = broker.log.queue(topic, queueId);
  if (timestamp < 0) return queue.maxOffset;
  return broker.manners.exactTimeSearch
    ? queue.offsetByTime(timestamp, 'LOWER')
    : queue.nearestByTime(timestamp);
}
