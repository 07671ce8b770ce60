import { MQVersion } from '../../protocol/codes/version.ts';
import { ResponseCode } from '../../protocol/codes/response-code.ts';
import { Commands } from '../../protocol/commands/index.ts';
import { newTopic, type TopicConfig } from './topics.ts';
import { EmbeddedServer } from './server.ts';
import { handleKeyValues } from './handlers/key-values.ts';
import type { RegisteredBroker } from './registry.ts';
import type { ServerContext } from './server-context.ts';

/** A name server: routes, the cluster's brokers, nothing else. Java: `NamesrvController`. */
export function createNameServer(name: string, context: ServerContext): EmbeddedServer {
  const { manners, settings, registry } = context;
  const server = new EmbeddedServer(name, context, { refusesUnknown: manners.nameServerRefusesUnknown });

  server.handleRaw(Commands.getRouteInfoByTopic, ({ command }) => {
    // Read by hand: a request without a topic is answered, not refused.
    const topic = command.extFields?.['topic'];
    const strict =
      command.version >= MQVersion.V4_9_4 || command.extFields?.['acceptStandardJsonOnly'] === 'true';
    const found = topic === undefined ? [] : registry().filter((broker) => broker.topic(topic) !== undefined);
    if (topic === undefined || found.length === 0)
      return {
        code: ResponseCode.TOPIC_NOT_EXIST,
        remark: `No topic route info in name server for the topic: ${topic ?? 'null'}${manners.helpLink}`,
      };
    const text = JSON.stringify(routeDocument(topic, found, context));
    return { body: Buffer.from(strict ? text : unquoteBrokerIds(text)) };
  });

  server.handleRaw(Commands.getBrokerClusterInfo, () => {
    const brokers = registry();
    const brokerAddrTable = Object.fromEntries(
      brokers.map((broker) => [broker.name, brokerDocument(broker, context)]),
    );
    const clusterAddrTable = { [settings.clusterName]: brokers.map((broker) => broker.name) };
    // Integer keys come without quotes whatever version asks.
    return { body: Buffer.from(unquoteBrokerIds(JSON.stringify({ brokerAddrTable, clusterAddrTable }))) };
  });
  handleKeyValues(server, context);
  const topicList = (): { topicList: string[] } => {
    const topics = registry().flatMap((broker) => [...broker.topics()].map((config) => config.topic));
    return { topicList: [...new Set(topics)] };
  };
  server.handle(Commands.getAllTopicListFromNameServer, () => ({ body: topicList() }));
  server.handle(Commands.getTopicsByCluster, ({ header }) => ({
    body: header.cluster === settings.clusterName ? topicList() : { topicList: [] },
  }));
  return server;
}

function routeDocument(topic: string, brokers: readonly RegisteredBroker[], context: ServerContext): object {
  const queueDatas = brokers.map((broker) => queueDocument(broker.name, broker.topic(topic)));
  return {
    brokerDatas: brokers.map((broker) => brokerDocument(broker, context)),
    filterServerTable: {},
    queueDatas,
  };
}

function brokerDocument({ addresses, name }: RegisteredBroker, { manners, settings }: ServerContext): object {
  const document = {
    brokerAddrs: Object.fromEntries(addresses),
    brokerName: name,
    cluster: settings.clusterName,
  };
  return manners.actingMaster ? { ...document, enableActingMaster: false } : document;
}

function queueDocument(brokerName: string, config: TopicConfig | undefined): object {
  const { perm, readQueueNums, topicSysFlag, writeQueueNums } = config ?? newTopic('', 0);
  return { brokerName, perm, readQueueNums, topicSysFlag, writeQueueNums };
}

/** As fastjson 1 writes maps with integer keys: JSON.parse refuses it. */
const unquoteBrokerIds = (json: string): string =>
  json.replace(/"brokerAddrs":\{[^}]*\}/g, (table) => table.replace(/"(\d+)":/g, '$1:'));
