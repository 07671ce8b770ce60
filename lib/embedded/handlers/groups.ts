import { Commands } from '../../../protocol/commands/index.ts';
import {
  subscriptionGroupConfig,
  type SubscriptionGroupConfig,
  subscriptionGroupTable,
} from '../../../protocol/model/subscription-group.ts';
import type { BrokerState } from '../broker-state.ts';
import type { EmbeddedServer } from '../server.ts';
import { topicProblem } from '../topics.ts';
import { noVersion } from './topics.ts';

/** What administrators do to consumer groups. Java: `AdminBrokerProcessor`. */
export function handleGroups(server: EmbeddedServer, broker: BrokerState): void {
  handleConfigs(server, broker);
  handleOverviews(server, broker);
}

function handleConfigs(server: EmbeddedServer, broker: BrokerState): void {
  const { subscriptionGroups, manners, offsets } = broker;
  server.handle(Commands.updateAndCreateSubscriptionGroup, ({ body }) => {
    // The same rules as for topics, in other words; 4.9 has none.
    const problem = manners.strictGroupNames ? topicProblem(body.groupName) : undefined;
    if (problem !== undefined)
      return {
        code: manners.invalidParameter,
        remark: problem.replace('specified topic', 'specified group'),
      };
    subscriptionGroups.put(body);
    return {};
  });

  server.handleRaw(Commands.getAllSubscriptionGroupConfig, () => {
    const groups = subscriptionGroups.all();
    if (!manners.singleConfigs) {
      const table = Object.fromEntries([...groups].map(([name, config]) => [name, oldConfig(config)]));
      return { body: Buffer.from(JSON.stringify({ dataVersion: noVersion, subscriptionGroupTable: table })) };
    }
    const body = subscriptionGroupTable.write({
      subscriptionGroupTable: groups,
      forbiddenTable: new Map(),
      dataVersion: noVersion,
    });
    return { body: Buffer.from(body), ext: { totalGroupNum: String(groups.size) } };
  });

  server.handle(Commands.deleteSubscriptionGroup, ({ header: { groupName, cleanOffset } }) => {
    subscriptionGroups.delete(groupName);
    if (cleanOffset === true) offsets.deleteGroup(groupName);
    return {};
  });

  server.handle(Commands.cloneGroupOffset, ({ header: { srcGroup, destGroup, topic, offline } }) => {
    const topics = topic === undefined || topic === '' ? offsets.topicsOf(srcGroup) : [topic];
    for (const name of topics) {
      const members = broker.groups.get(srcGroup);
      const isRead = members === undefined || members.subscriptions.has(name);
      if (broker.topics.get(name) !== undefined && (offline === true || isRead))
        offsets.clone(srcGroup, destGroup, name);
    }
    return {};
  });

  if (!manners.singleConfigs) return;
  server.handleRaw(Commands.getSubscriptionGroupConfig, ({ command }) => {
    const { group } = Commands.getSubscriptionGroupConfig.request.read(command);
    return { body: Buffer.from(subscriptionGroupConfig.write(subscriptionGroups.config(group))) };
  });
}

const OLD_MEMBERS = [
  'brokerId',
  'consumeBroadcastEnable',
  'consumeEnable',
  'consumeFromMinEnable',
  'groupName',
  'notifyConsumerIdsChangedEnable',
  'retryMaxTimes',
  'retryQueueNums',
  'whichBrokerWhenConsumeSlowly',
] as const satisfies readonly (keyof SubscriptionGroupConfig)[];

/** The members that 4.9 does not know are left out. */
const oldConfig = (config: SubscriptionGroupConfig): object =>
  Object.fromEntries(OLD_MEMBERS.map((name) => [name, config[name]]));

function handleOverviews(server: EmbeddedServer, broker: BrokerState): void {
  server.handle(Commands.queryTopicConsumeByWho, ({ header: { topic } }) => {
    const members = [...broker.groups.names()].filter((name) =>
      broker.groups.get(name)?.subscriptions.has(topic),
    );
    return { body: { groupList: [...new Set([...broker.offsets.groupsOf(topic), ...members])].sort() } };
  });

  if (!broker.manners.singleConfigs) return;
  server.handle(Commands.queryTopicsByConsumer, ({ header: { group } }) => ({
    body: { brokerAddr: broker.address, topicList: broker.offsets.topicsOf(group) },
  }));
}
