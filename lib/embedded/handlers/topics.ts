import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import {
  readAttributeChanges,
  topicConfig,
  type TopicConfig as WireTopicConfig,
  topicConfigTable,
} from '../../../protocol/model/topic-config.ts';
import type { BrokerState } from '../broker-state.ts';
import type { Answer } from '../faults/control.ts';
import type { EmbeddedServer } from '../server.ts';
import { isSystemTopic, type TopicConfig, topicProblem } from '../topics.ts';

/** The version of a table that says nothing about its age. */
export const noVersion = { counter: 1, stateVersion: 0, timestamp: 0 };

/** What administrators do to topics. Java: `AdminBrokerProcessor`. */
export function handleTopics(server: EmbeddedServer, broker: BrokerState): void {
  server.handle(Commands.updateAndCreateTopic, ({ header }) => {
    const system = isSystemTopic(header.topic)
      ? `The topic[${header.topic}] is conflict with system topic.`
      : undefined;
    const problem = topicProblem(header.topic, broker.manners.namesInRemarks) ?? system;
    if (problem !== undefined) return { code: broker.manners.invalidParameter, remark: problem };
    const { topic, readQueueNums, writeQueueNums, perm, topicSysFlag = 0, order } = header;
    const attributes = attributesAfter(broker.topics.get(topic), header.attributes);
    broker.topics.put({ topic, readQueueNums, writeQueueNums, perm, topicSysFlag, order, attributes });
    // Java forgets to clear the text it began with.
    return { remark: 'not set any response code' };
  });

  server.handle(Commands.deleteTopicInBroker, ({ header }) => {
    broker.deleteTopic(header.topic);
    return {};
  });

  server.handleRaw(Commands.getSystemTopicListFromBroker, () => {
    const own = [...broker.topics.all()].map(({ topic }) => topic).filter(isSystemTopic);
    const topicList = [...new Set([...own, broker.settings.clusterName, broker.name])];
    return { body: Buffer.from(JSON.stringify({ topicList })) };
  });

  server.handleRaw(Commands.getAllTopicConfig, () => allConfigs(broker));

  if (!broker.manners.singleConfigs) return;
  server.handleRaw(Commands.getTopicConfig, ({ command }) => {
    const { topic } = Commands.getTopicConfig.request.read(command);
    const config = broker.topics.get(topic);
    if (config !== undefined) return { body: Buffer.from(topicConfig.write(wireConfig(config))) };
    return { code: ResponseCode.TOPIC_NOT_EXIST, remark: `No topic in this broker. topic: ${topic}` };
  });
}

function allConfigs({ topics, manners }: BrokerState): Answer {
  const all = [...topics.all()];
  const table = new Map(all.map((config) => [config.topic, wireConfig(config)]));
  const body = topicConfigTable.write({ topicConfigTable: table, dataVersion: noVersion });
  if (manners.singleConfigs) return { body: Buffer.from(body), ext: { totalTopicNum: String(all.length) } };
  // 4.9 does not know attributes.
  return { body: Buffer.from(body.replaceAll('"attributes":{},', '')), ext: {} };
}

function attributesAfter(
  known: TopicConfig | undefined,
  changes: string | undefined,
): ReadonlyMap<string, string> {
  const attributes = new Map(known?.attributes);
  for (const [name, value] of changes === undefined ? [] : readAttributeChanges(changes)) {
    if (value === undefined) attributes.delete(name);
    else attributes.set(name, value);
  }
  return attributes;
}

const wireConfig = (config: TopicConfig): WireTopicConfig =>
  topicConfig.of({
    topicName: config.topic,
    readQueueNums: config.readQueueNums,
    writeQueueNums: config.writeQueueNums,
    perm: config.perm,
    topicSysFlag: config.topicSysFlag,
    order: config.order,
    attributes: config.attributes ?? new Map(),
  });
