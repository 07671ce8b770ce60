import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { retryTopic } from '../../../protocol/message/topic.ts';
import type { HeartbeatData } from '../../../protocol/model/heartbeat-data.ts';
import type { BrokerState } from '../broker-state.ts';
import type { Answer } from '../faults/control.ts';
import { filterOf } from '../filter.ts';
import type { ClientChannel } from '../groups/group.ts';
import type { EmbeddedServer } from '../server.ts';
import { topicSysFlagOf } from '../topics.ts';

/** Heartbeats and what follows from them. Java: `ClientManageProcessor`, `ConsumerManageProcessor`. */
export function handleClients(server: EmbeddedServer, broker: BrokerState): void {
  server.handle(Commands.heartBeat, ({ body, connection, command }) => {
    const { clientID: clientId } = body;
    const { language, version } = command;
    const lastHeartbeat = broker.settings.clock.uptime();
    return heartbeat(broker, body, { connection, clientId, language, version, lastHeartbeat });
  });

  server.handle(Commands.unregisterClient, ({ header, connection }) => {
    if (header.producerGroup !== undefined) broker.producers.unregister(header.producerGroup, connection);
    if (header.consumerGroup !== undefined) broker.groups.unregister(header.consumerGroup, connection);
    return { ext: {} };
  });

  server.handle(Commands.getConsumerListByGroup, ({ header }) => {
    const group = broker.groups.get(header.consumerGroup);
    if (group === undefined)
      return {
        code: ResponseCode.SYSTEM_ERROR,
        remark: `no consumer for this group, ${header.consumerGroup}`,
        ext: {},
      };
    // Java's order is that of a hash map; here the last to join comes first, so that nobody relies on the order.
    return {
      ext: {},
      body: { consumerIdList: [...group.channels.values()].reverse().map((channel) => channel.clientId) },
    };
  });

  server.handle(Commands.checkClientConfig, ({ body: { subscriptionData } }) => {
    const { expressionType } = subscriptionData;
    if (expressionType === 'TAG') return {};
    const remark = `The broker does not support consumer to filter message by ${expressionType}`;
    if (!broker.settings.propertyFilter) return { code: ResponseCode.SYSTEM_ERROR, remark };
    try {
      filterOf(subscriptionData, broker.manners);
      return {};
    } catch (error) {
      return { code: ResponseCode.SUBSCRIPTION_PARSE_FAILED, remark: String(error) };
    }
  });
}

function heartbeat(broker: BrokerState, data: HeartbeatData, channel: ClientChannel): Answer {
  const fingerprint = broker.manners.heartbeatV2 ? (data.heartbeatFingerprint ?? 0) : 0;
  const withoutSubscriptions = fingerprint !== 0 && data.withoutSub === true;
  // The first form tells nothing about changes, so it always says yes.
  let isSubChange = fingerprint === 0;
  for (const consumer of data.consumerDataSet) {
    if (broker.groups.swapFingerprint(consumer.groupName, fingerprint)) isSubChange = true;
    const retry = retryTopic(consumer.groupName);
    const { retryQueueNums } = broker.groups.config(consumer.groupName);
    broker.topics.ensure(retry, retryQueueNums, topicSysFlagOf(retry, consumer.unitMode));
    broker.groups.register(consumer, channel, withoutSubscriptions);
  }
  for (const { groupName } of data.producerDataSet) broker.producers.register(groupName, channel);
  broker.housekeeping.wake();
  if (!broker.manners.heartbeatV2) return {};
  return { ext: { IS_SUPPORT_HEART_BEAT_V2: 'true', IS_SUB_CHANGE: String(isSubChange) } };
}
