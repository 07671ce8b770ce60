import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import type { BodySource } from '../../../protocol/frame-writer.ts';
import { PullSysFlag } from '../../../protocol/message/sys-flag.ts';
import {
  sqlSubscription,
  type SubscriptionData,
  tagSubscription,
} from '../../../protocol/model/subscription-data.ts';
import { Permission } from '../../../protocol/model/topic-route-data.ts';
import type { ExtFields } from '../../../protocol/remoting-command.ts';
import type { HeaderOf } from '../../../protocol/schema/header.ts';
import { unknownTopic } from '../answers.ts';
import type { BrokerState } from '../broker-state.ts';
import type { Answer } from '../faults/control.ts';
import { filterOf, filterOrEverything, type MessageFilter } from '../filter.ts';
import type { ReadResult, ReadStatus, ConsumeQueue } from '../store/consume-queue.ts';
import type { EmbeddedServer, RawInbound } from '../server.ts';

type PullHeader = HeaderOf<typeof Commands.pullMessage.request>;

/** PULL_MESSAGE, LITE_PULL_MESSAGE and their long polling. Java: `PullMessageProcessor`. */
export function handlePulls(server: EmbeddedServer, broker: BrokerState): void {
  const { pullMessage, litePullMessage } = Commands;
  for (const row of broker.manners.litePull ? [pullMessage, litePullMessage] : [pullMessage])
    server.handleRaw(row, (request) => pull(broker, request, row.request.read(request.command), true));
}

function pull(
  broker: BrokerState,
  request: RawInbound,
  header: PullHeader,
  mayHold: boolean,
): Answer | undefined {
  const refusal = checkPull(broker, request, header);
  if (refusal !== undefined) return refusal;
  const subscription = subscriptionFor(broker, header);
  if (!('subString' in subscription)) return { ...subscription, ext: {} };
  const queue = broker.log.queue(header.topic, header.queueId);
  const matches = filterFor(broker, subscription, header);
  if (typeof matches !== 'function') return { ...matches, ext: {} };
  const result = read(broker, queue, header, matches);
  noteOffsets(broker, header, result, mayHold);
  const code = codeOf(result.status, header.queueOffset, broker.isSlave);
  if (code === ResponseCode.PULL_NOT_FOUND && mayHold && (header.sysFlag & PullSysFlag.suspend) !== 0) {
    hold(broker, queue, request, header, matches);
    return undefined;
  }
  return answer(broker, queue, result, code, header.consumerGroup);
}

function checkPull(
  { topics, manners, groups }: BrokerState,
  { connection }: RawInbound,
  header: PullHeader,
): Answer | undefined {
  const { topic, queueId, consumerGroup } = header;
  const forbidden = (type: string): Answer['ext'] => (manners.forbiddenType ? { forbiddenType: type } : {});
  if (!groups.config(consumerGroup).consumeEnable)
    return {
      ...refuse(ResponseCode.NO_PERMISSION, `subscription group no permission, ${consumerGroup}`),
      ext: forbidden('2'),
    };
  const config = topics.get(topic);
  if (config === undefined) return { ...unknownTopic(topic, manners), ext: {} };
  if ((config.perm & Permission.read) === 0)
    return {
      ...refuse(ResponseCode.NO_PERMISSION, `the topic[${topic}] pulling message is forbidden`),
      ext: forbidden('3'),
    };
  if (queueId >= 0 && queueId < config.readQueueNums) return undefined;
  const consumer = `consumer:[/${connection.remoteAddress}]`;
  const remark = `queueId[${queueId}] is illegal, topic:[${topic}] topicConfig.readQueueNums:[${config.readQueueNums}] ${consumer}`;
  return refuse(manners.invalidParameter, remark);
}

const refuse = (code: number, remark: string): Answer => ({ code, remark, ext: {} });

/** The subscription of the request itself, or of the group's last heartbeat. */
function subscriptionFor({ groups, manners }: BrokerState, header: PullHeader): SubscriptionData | Answer {
  const subscription =
    (header.sysFlag & PullSysFlag.subscription) === 0
      ? groups.get(header.consumerGroup)?.subscriptions.get(header.topic)
      : ownSubscription(header);
  if (subscription === undefined) {
    const missing = groups.get(header.consumerGroup) === undefined ? 'group info' : 'subscription';
    return {
      code: ResponseCode.SUBSCRIPTION_NOT_EXIST,
      remark: `the consumer's ${missing} not exist${manners.helpLink}`,
    };
  }
  if (!('subString' in subscription)) return subscription;
  const { consumerGroup } = header;
  const isOwn = (header.sysFlag & PullSysFlag.subscription) !== 0;
  if (
    !isOwn &&
    groups.get(consumerGroup)?.isBroadcasting === true &&
    !groups.config(consumerGroup).consumeBroadcastEnable
  )
    return {
      code: ResponseCode.NO_PERMISSION,
      remark: `the consumer group[${consumerGroup}] can not consume by broadcast way`,
    };
  if (subscription.subVersion < header.subVersion)
    return { code: ResponseCode.SUBSCRIPTION_NOT_LATEST, remark: "the consumer's subscription not latest" };
  return subscription;
}

function ownSubscription({
  topic,
  subscription,
  subVersion,
  expressionType,
}: PullHeader): SubscriptionData | Answer {
  if (expressionType === 'SQL92') return sqlSubscription(topic, subscription ?? '', subVersion);
  try {
    return tagSubscription(topic, subscription ?? '*', subVersion);
  } catch {
    return {
      code: ResponseCode.SUBSCRIPTION_PARSE_FAILED,
      remark: "parse the consumer's subscription failed",
    };
  }
}

/** A bad expression that a pull brings along lets everything pass, as in Java; one of a heartbeat is refused. */
function filterFor(
  { settings, manners }: BrokerState,
  subscription: SubscriptionData,
  header: PullHeader,
): MessageFilter | Answer {
  if (subscription.expressionType === 'SQL92' && !settings.propertyFilter)
    return {
      code: ResponseCode.SYSTEM_ERROR,
      remark: 'The broker does not support consumer to filter message by SQL92',
    };
  if ((header.sysFlag & PullSysFlag.subscription) !== 0) return filterOrEverything(subscription, manners);
  try {
    return filterOf(subscription, manners);
  } catch {
    const remark = "The broker's consumer filter data is not exist!Your expression may be wrong!";
    return { code: ResponseCode.FILTER_DATA_NOT_EXIST, remark };
  }
}

/** A pending reset comes before all messages. */
function read(
  broker: BrokerState,
  queue: ConsumeQueue,
  header: PullHeader,
  matches: MessageFilter,
): ReadResult {
  const reset = broker.offsets.takeReset(header.consumerGroup, header.topic, header.queueId);
  if (reset !== undefined) return { status: 'OFFSET_RESET', nextBeginOffset: reset, records: [], size: 0 };
  const result = queue.read(header.queueOffset, header.maxMsgNums, matches);
  return broker.isSlave && result.records.length === 0 && header.queueOffset > queue.maxOffset
    ? { ...result, nextBeginOffset: header.queueOffset }
    : result;
}

function noteOffsets(
  broker: BrokerState,
  header: PullHeader,
  { nextBeginOffset }: ReadResult,
  first: boolean,
): void {
  const { consumerGroup, topic, queueId, sysFlag, commitOffset } = header;
  broker.offsets.pulled(consumerGroup, topic, queueId, nextBeginOffset);
  // Not when a held pull is done again: the offset is an old one by then.
  if (first && (sysFlag & PullSysFlag.commitOffset) !== 0)
    broker.offsets.commit(consumerGroup, topic, queueId, commitOffset);
}

function codeOf(status: ReadStatus, offset: number, isSlave: boolean): number {
  if (status === 'FOUND') return ResponseCode.SUCCESS;
  if (status === 'NO_MATCHED_MESSAGE') return ResponseCode.PULL_RETRY_IMMEDIATELY;
  if (status === 'OFFSET_OVERFLOW_ONE') return ResponseCode.PULL_NOT_FOUND;
  if (status === 'NO_MESSAGE_IN_QUEUE' && offset === 0) return ResponseCode.PULL_NOT_FOUND;
  // Only the master puts offsets right.
  return isSlave ? ResponseCode.PULL_RETRY_IMMEDIATELY : ResponseCode.PULL_OFFSET_MOVED;
}

function hold(
  broker: BrokerState,
  queue: ConsumeQueue,
  request: RawInbound,
  header: PullHeader,
  matches: MessageFilter,
): void {
  const resume = (): void => {
    const late = pull(broker, request, header, false);
    if (late !== undefined) request.answer(late);
  };
  const until = broker.settings.clock.uptime() + header.suspendTimeoutMillis;
  broker.held.hold(queue, {
    connection: request.connection,
    offset: header.queueOffset,
    until,
    matches,
    resume,
  });
  broker.housekeeping.wake();
}

function answer(
  broker: BrokerState,
  queue: ConsumeQueue,
  result: ReadResult,
  code: number,
  group: string,
): Answer {
  const ext = Object.create(null) as ExtFields;
  ext['suggestWhichBrokerId'] = String(broker.suggestReader(result.records.at(-1), group));
  ext['nextBeginOffset'] = String(result.nextBeginOffset);
  ext['minOffset'] = String(queue.minOffset);
  ext['maxOffset'] = String(queue.maxOffset);
  if (broker.manners.pullSysFlags) {
    ext['groupSysFlag'] = '0';
    ext['topicSysFlag'] = '0';
  }
  return { code, remark: result.status, ext, bodySource: bodyOf(result) };
}

function bodyOf({ records, size }: ReadResult): BodySource | undefined {
  if (records.length === 0) return undefined;
  return {
    length: size,
    copyTo: (target, start) => {
      let at = start;
      for (const record of records) at = record.copyTo(target, at);
    },
  };
}
