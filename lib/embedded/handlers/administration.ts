import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import type { ConsumeStats } from '../../../protocol/model/consume-stats.ts';
import type { ClientConnection } from '../../../protocol/model/consumer-connection.ts';
import type { BrokerState } from '../broker-state.ts';
import type { ClientChannel } from '../groups/group.ts';
import type { EmbeddedServer } from '../server.ts';

/** What administrators ask a broker about its clients and their progress. Java: `AdminBrokerProcessor`. */
export function handleAdministration(server: EmbeddedServer, broker: BrokerState): void {
  handleConnections(server, broker);
  handleStatistics(server, broker);
}

function handleConnections(server: EmbeddedServer, broker: BrokerState): void {
  server.handle(Commands.getConsumerConnectionList, ({ header }) => {
    const group = broker.groups.get(header.consumerGroup);
    if (group === undefined)
      return {
        code: ResponseCode.CONSUMER_NOT_ONLINE,
        remark: `the consumer group[${header.consumerGroup}] not online`,
      };
    const { consumeType, messageModel, consumeFromWhere } = group.data;
    const connectionSet = [...group.channels.values()].map(connectionOf);
    return {
      body: {
        connectionSet,
        subscriptionTable: group.subscriptions,
        consumeType,
        messageModel,
        consumeFromWhere,
      },
    };
  });

  server.handle(Commands.getProducerConnectionList, ({ header }) => {
    const channels = broker.producers.get(header.producerGroup);
    if (channels === undefined)
      return {
        code: ResponseCode.SYSTEM_ERROR,
        remark: `the producer group[${header.producerGroup}] not exist`,
      };
    return { body: { connectionSet: [...channels.values()].map(connectionOf) } };
  });
}

function connectionOf({ clientId, connection, language, version }: ClientChannel): ClientConnection {
  return { clientId, clientAddr: connection.remoteAddress, language, version };
}

function handleStatistics(server: EmbeddedServer, broker: BrokerState): void {
  server.handle(Commands.getConsumeStats, ({ header }) => {
    const { consumerGroup, topic } = header;
    const wanted =
      header.topicList?.split(';').filter(Boolean) ?? (topic === undefined || topic === '' ? [] : [topic]);
    const topics = wanted.length > 0 ? wanted : broker.offsets.topicsOf(consumerGroup);
    return {
      body: { offsetTable: topics.flatMap((name) => progress(broker, consumerGroup, name)), consumeTps: 0 },
    };
  });

  server.handle(Commands.getTopicStatsInfo, ({ header: { topic } }) => {
    const config = broker.topics.get(topic);
    if (config === undefined)
      return { code: ResponseCode.TOPIC_NOT_EXIST, remark: `topic[${topic}] not exist` };
    const offsetTable = Array.from({ length: config.writeQueueNums }, (_, queueId) => {
      const { minOffset, maxOffset, last } = broker.log.queue(topic, queueId);
      const lastUpdateTimestamp = last?.storeTimestamp ?? 0;
      return [broker.queue(topic, queueId), { minOffset, maxOffset, lastUpdateTimestamp }] as const;
    });
    return { body: { offsetTable, topicPutTps: 0 } };
  });
}

function progress(broker: BrokerState, group: string, topic: string): ConsumeStats['offsetTable'] {
  const queues = broker.topics.get(topic)?.readQueueNums ?? 0;
  return Array.from({ length: queues }, (_, queueId) => {
    const queue = broker.log.queue(topic, queueId);
    const consumerOffset = Math.max(0, broker.offsets.query(group, topic, queueId));
    const pullOffset = broker.manners.pullSysFlags
      ? Math.max(consumerOffset, broker.offsets.pulledTo(group, topic, queueId))
      : 0;
    const lastTimestamp = queue.at(consumerOffset - 1)?.storeTimestamp ?? 0;
    return [
      broker.queue(topic, queueId),
      { brokerOffset: queue.maxOffset, consumerOffset, pullOffset, lastTimestamp },
    ] as const;
  });
}
