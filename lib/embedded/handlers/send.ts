import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { MQVersion } from '../../../protocol/codes/version.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { type BatchMember, decodeBatch } from '../../../protocol/message/batch.ts';
import {
  decodeProperties,
  MAX_PROPERTIES_SIZE,
  MessageProperty,
} from '../../../protocol/message/properties.ts';
import { deadLetterTopic, isRetryTopic, isSendableTopic } from '../../../protocol/message/topic.ts';
import type { ExtFields } from '../../../protocol/remoting-command.ts';
import type { HeaderOf } from '../../../protocol/schema/header.ts';
import type { BrokerState } from '../broker-state.ts';
import type { Answer } from '../faults/control.ts';
import { recallHandleOf, TIMER_TOPIC, timerProblem } from '../delay/delayed-message.ts';
import type { NewMessage } from '../store/new-message.ts';
import type { StoredRecord } from '../store/stored-record.ts';
import type { EmbeddedServer, RawInbound } from '../server.ts';
import { describeTopic, type TopicConfig, topicProblem, topicSysFlagOf } from '../topics.ts';

type SendHeader = Omit<HeaderOf<typeof Commands.sendMessage.request>, 'brokerName'>;

const region = 'DefaultRegion';

/** SEND_MESSAGE in its three forms. Java: `SendMessageProcessor`. */
export function handleSends(server: EmbeddedServer, broker: BrokerState): void {
  for (const row of [Commands.sendMessage, Commands.sendMessageV2, Commands.sendBatchMessage])
    server.handleRaw(row, (request) => send(broker, request, row.request.read(request.command)));
}

function send(broker: BrokerState, request: RawInbound, header: SendHeader): Answer {
  if (request.command.body === undefined && broker.manners.refusesEmptyBody)
    return { code: ResponseCode.SYSTEM_ERROR, remark: emptyBody };
  const checked = checkSend(broker, request, header);
  if (!('topic' in checked)) return { ...checked, ext: answerFields() };
  const queueId = header.queueId < 0 ? broker.anyQueueId(checked.writeQueueNums) : header.queueId;
  return header.batch === true
    ? sendBatch(broker, request, header, queueId)
    : sendOne(broker, request, header, queueId);
}

/** Java 5.5.0 falls over an empty body with these words. */
const emptyBody =
  'java.lang.NullPointerException: Cannot read the array length because the return value of ' +
  '"org.apache.rocketmq.remoting.protocol.RemotingCommand.getBody()" is null';

/** Java's checks in Java's order: name, forbidden topics, existence, queue, sizes. */
export function checkSend(
  broker: BrokerState,
  { command, connection }: RawInbound,
  header: SendHeader,
): TopicConfig | Answer {
  const { manners } = broker;
  const problem = topicProblem(header.topic, manners.namesInRemarks);
  if (problem !== undefined) return { code: manners.invalidParameter, remark: problem };
  if (!isSendableTopic(header.topic))
    return {
      code: ResponseCode.NO_PERMISSION,
      remark: `Sending message to topic[${header.topic}] is forbidden.`,
    };
  const config = topicForSend(broker, header);
  if (config === undefined)
    return {
      code: ResponseCode.TOPIC_NOT_EXIST,
      remark: `topic[${header.topic}] not exist, apply first please!${manners.helpLink}`,
    };
  if (header.queueId >= Math.max(config.readQueueNums, config.writeQueueNums)) {
    const remark = `request queueId[${header.queueId}] is illegal, ${describeTopic(config, manners.actingMaster)} Producer: ${connection.remoteAddress}`;
    return { code: manners.invalidParameter, remark };
  }
  const { maxMessageSize } = broker.settings;
  if ((command.body?.length ?? 0) <= maxMessageSize && isShort(header.properties ?? '')) return config;
  const remark = `the message is illegal, maybe msg body or properties length not matched. msg body length limit ${maxMessageSize}B, msg properties length limit 32KB.`;
  return { code: ResponseCode.MESSAGE_ILLEGAL, remark };
}

/** Counting bytes is spared where there are too few characters for the limit. */
const isShort = (properties: string): boolean =>
  properties.length * 3 <= MAX_PROPERTIES_SIZE || Buffer.byteLength(properties) <= MAX_PROPERTIES_SIZE;

function topicForSend(
  broker: BrokerState,
  { topic, defaultTopic, defaultTopicQueueNums: queueNums, unitMode }: SendHeader,
): TopicConfig | undefined {
  const { topics } = broker;
  const known = topics.get(topic);
  if (known !== undefined) return known;
  const topicSysFlag = topicSysFlagOf(topic, unitMode);
  const made = topics.createByTemplate(topic, defaultTopic, { queueNums, topicSysFlag });
  return made ?? (isRetryTopic(topic) ? topics.ensure(topic, 1, topicSysFlag) : undefined);
}

const none = new Map<string, string>();

function sendOne(broker: BrokerState, request: RawInbound, header: SendHeader, queueId: number): Answer {
  const plain = isRetryTopic(header.topic) ? undefined : broker.plainProperties.read(header.properties ?? '');
  if (plain !== undefined) {
    const message = newMessage(request, header, header.topic, queueId, none);
    return stored(broker, [broker.appendPlain(message, plain)], queueId, plain.uniqueKey);
  }
  const properties = decodeProperties(header.properties ?? '');
  // A handle of a pop must not outlive it.
  if (broker.manners.strictSends) properties.delete(MessageProperty.POP_CK);
  if (broker.manners.transactionId && !properties.has(MessageProperty.UNIQ_KEY))
    properties.set(MessageProperty.UNIQ_KEY, broker.uniqueId());
  if (!broker.manners.regionProperties) properties.delete(MessageProperty.WAIT);
  addBrokerProperties(broker, properties);
  const untimely = broker.manners.timedMessages
    ? timerProblem(properties, broker.settings.clock.now())
    : undefined;
  if (untimely !== undefined)
    return { code: ResponseCode.MESSAGE_ILLEGAL, remark: untimely, ext: answerFields() };
  const target = targetOf(broker, request, header, properties, queueId);
  const message = newMessage(request, header, target.topic, target.queueId, properties);
  const isPrepared = properties.get(MessageProperty.TRAN_MSG) === 'true';
  const record = isPrepared ? broker.prepare(message) : broker.append(message);
  return stored(broker, [record], queueId, properties.get(MessageProperty.UNIQ_KEY));
}

/** Where it goes: a message sent to a retry topic dies when it failed too often or when the group holds locks. Java: `handleRetryAndDLQ`. */
function targetOf(
  broker: BrokerState,
  { command }: RawInbound,
  header: SendHeader,
  properties: Map<string, string>,
  queueId: number,
): Pick<NewMessage, 'topic' | 'queueId'> {
  if (!isRetryTopic(header.topic)) return { topic: header.topic, queueId };
  const group = header.topic.slice('%RETRY%'.length);
  const most = command.version >= MQVersion.V3_4_9 ? (header.maxReconsumeTimes ?? 16) : 16;
  const isLocked = broker.manners.lockedRetriesDie && broker.locks.anyAlive(group);
  const tries = header.reconsumeTimes ?? 0;
  const isDead = tries > most || (tries === most && broker.manners.lastTryDies);
  if (!isDead && !isLocked) return { topic: header.topic, queueId };
  if (broker.manners.strictSends) properties.set(MessageProperty.DELAY, '-1');
  return { topic: broker.topics.ensure(deadLetterTopic(group), 1).topic, queueId: 0 };
}

function sendBatch(broker: BrokerState, request: RawInbound, header: SendHeader, queueId: number): Answer {
  if (broker.manners.strictSends && isRetryTopic(header.topic))
    return {
      code: ResponseCode.MESSAGE_ILLEGAL,
      remark: `batch request does not support retry group ${header.topic}`,
      ext: answerFields(),
    };
  const shared = decodeProperties(header.properties ?? '');
  addBrokerProperties(broker, shared);
  const records = decodeBatch(request.command.body ?? Buffer.alloc(0)).map((member) => {
    const properties = propertiesOfMember(broker, member, shared);
    return broker.append({
      ...newMessage(request, header, header.topic, queueId, properties),
      flag: member.flag,
      body: member.body,
    });
  });
  return stored(broker, records, queueId, shared.get(MessageProperty.UNIQ_KEY));
}

function propertiesOfMember(
  broker: BrokerState,
  member: BatchMember,
  shared: ReadonlyMap<string, string>,
): Map<string, string> {
  const own = decodeProperties(member.properties);
  return broker.manners.appendsBatchProperties ? new Map([...own, ...shared]) : own;
}

function addBrokerProperties(broker: BrokerState, properties: Map<string, string>): void {
  properties.set(MessageProperty.CLUSTER, broker.settings.clusterName);
  addRegion(broker, properties);
}

/** What brokers of 5.x put into every message. */
export function addRegion({ manners }: BrokerState, properties: Map<string, string>): void {
  if (!manners.regionProperties) return;
  properties.set(MessageProperty.MSG_REGION, region);
  properties.set(MessageProperty.TRACE_ON, 'true');
}

export function newMessage(
  { command, connection }: RawInbound,
  header: SendHeader,
  topic: string,
  queueId: number,
  properties: Map<string, string>,
): NewMessage {
  return {
    topic,
    queueId,
    flag: header.flag,
    sysFlag: header.sysFlag,
    bornTimestamp: header.bornTimestamp,
    bornHost: connection.remoteAddress,
    reconsumeTimes: header.reconsumeTimes ?? 0,
    preparedTransactionOffset: 0,
    body: command.body ?? Buffer.alloc(0),
    properties,
  };
}

function stored(
  broker: BrokerState,
  records: readonly StoredRecord[],
  queueId: number,
  uniqueKey: string | undefined,
): Answer {
  const [first] = records;
  // In the order of the row, for speed.
  const value = {
    msgId: records.length === 1 && first !== undefined ? broker.messageIdOf(first) : idsOf(broker, records),
    queueId,
    queueOffset: first?.queueOffset ?? 0,
    transactionId: broker.manners.transactionId ? uniqueKey : undefined,
    batchUniqId: undefined,
    recallHandle: first?.topic === TIMER_TOPIC ? recallHandleOf(broker, first, uniqueKey ?? '') : undefined,
    regionId: region,
    traceOn: true,
  };
  return { typed: { type: Commands.sendMessage.response, value } };
}

const idsOf = (broker: BrokerState, records: readonly StoredRecord[]): string =>
  records.map((record) => broker.messageIdOf(record)).join(',');

/** Where messages were stored. */
export function storedFields(
  broker: BrokerState,
  records: readonly StoredRecord[],
  queueId: number,
): ExtFields {
  return {
    msgId: idsOf(broker, records),
    queueId: String(queueId),
    queueOffset: String(records[0]?.queueOffset ?? 0),
  };
}

/** Fields that every answer to a send carries. */
export function answerFields(): ExtFields {
  const ext = Object.create(null) as ExtFields;
  ext['MSG_REGION'] = region;
  ext['TRACE_ON'] = 'true';
  return ext;
}
