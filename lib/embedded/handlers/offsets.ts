import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import type { BrokerState } from '../broker-state.ts';
import type { ConsumeQueue } from '../store/consume-queue.ts';
import type { EmbeddedServer } from '../server.ts';

/** Offsets of groups and of queues. Java: `ConsumerManageProcessor`, `AdminBrokerProcessor`. */
export function handleOffsets(server: EmbeddedServer, broker: BrokerState): void {
  const queueOf = ({ topic, queueId }: { topic: string; queueId: number }): ConsumeQueue =>
    broker.log.queue(topic, queueId);

  handleCommitted(server, broker);

  server.handle(Commands.searchOffsetByTimestamp, ({ header }) => {
    const queue = queueOf(header);
    const { timestamp, boundaryType = 'LOWER' } = header;
    const offset = broker.manners.exactTimeSearch
      ? queue.offsetByTime(timestamp, boundaryType)
      : queue.nearestByTime(timestamp);
    return { header: { offset } };
  });

  server.handle(Commands.getMaxOffset, ({ header }) => ({ header: { offset: queueOf(header).maxOffset } }));

  server.handle(Commands.getMinOffset, ({ header }) => ({
    header: { offset: queueOf(header).minOffset },
    remark: broker.manners.strictOffsets ? '' : undefined,
  }));

  server.handle(Commands.getEarliestMsgStoretime, ({ header }) => {
    const queue = queueOf(header);
    return { header: { timestamp: queue.at(queue.minOffset)?.storeTimestamp ?? -1 } };
  });
}

function handleCommitted(server: EmbeddedServer, broker: BrokerState): void {
  const { offsets, groups, topics, manners } = broker;

  server.handle(Commands.queryConsumerOffset, ({ header }) => {
    const { consumerGroup, topic, queueId } = header;
    const offset = offsets.query(consumerGroup, topic, queueId);
    if (offset >= 0) return { header: { offset } };
    if (manners.strictOffsets && header.setZeroIfNotFound === false)
      return {
        code: ResponseCode.QUERY_NOT_FOUND,
        remark: 'Not found, do not set to zero, maybe this group boot first',
        ext: {},
      };
    // Java's courtesy to new groups on young topics; 5.x wants the first message to be there.
    const queue = broker.log.queue(topic, queueId);
    if (queue.minOffset <= 0 && (queue.maxOffset > 0 || !manners.strictOffsets))
      return { header: { offset: 0 } };
    return {
      code: ResponseCode.QUERY_NOT_FOUND,
      remark: 'Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first',
      ext: {},
    };
  });

  server.handle(Commands.updateConsumerOffset, ({ header }) => {
    const { consumerGroup, topic, queueId, commitOffset } = header;
    if (manners.strictOffsets && !groups.isKnown(consumerGroup))
      return {
        code: ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
        remark: `Group ${consumerGroup} not exist!`,
        ext: {},
      };
    if (manners.strictOffsets && topics.get(topic) === undefined)
      return { code: ResponseCode.TOPIC_NOT_EXIST, remark: `Topic ${topic} not exist!`, ext: {} };
    if (manners.serverSideReset && offsets.hasReset(consumerGroup, topic, queueId))
      return { remark: 'Offset has been previously reset', ext: {} };
    offsets.commit(consumerGroup, topic, queueId, commitOffset);
    return { ext: {} };
  });
}
