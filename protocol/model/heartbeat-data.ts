import { readBoolean, readInt, readList, readName, readObject, readText } from '../serialization/document.ts';
import { readSubscriptionData, subscriptionDocument } from './subscription-data.ts';
import type { SubscriptionData } from './subscription-data.ts';

/** Pull, push or pop. Java: `ConsumeType`. */
export type ConsumeType = 'CONSUME_ACTIVELY' | 'CONSUME_PASSIVELY' | 'CONSUME_POP';

/** Whether the members of a group share the messages, or each gets all, or (5.5) those of its lite topics. Java: `MessageModel`. */
export type MessageModel = 'CLUSTERING' | 'BROADCASTING' | 'LITE_SELECTIVE';

/** Where a group without stored offsets begins. Java: `ConsumeFromWhere`. */
export type ConsumeFromWhere =
  'CONSUME_FROM_LAST_OFFSET' | 'CONSUME_FROM_FIRST_OFFSET' | 'CONSUME_FROM_TIMESTAMP';

/** One consumer group of a client. Java: `ConsumerData`. */
export interface ConsumerData {
  readonly groupName: string;
  readonly consumeType: ConsumeType;
  readonly messageModel: MessageModel;
  readonly consumeFromWhere: ConsumeFromWhere;
  readonly subscriptionDataSet: readonly SubscriptionData[];
  readonly unitMode: boolean;
}

/** What a client tells every broker periodically. Java: `HeartbeatData`. */
export interface HeartbeatData {
  readonly clientID: string;
  readonly producerDataSet: readonly { readonly groupName: string }[];
  readonly consumerDataSet: readonly ConsumerData[];
  /** Hash of the content for heartbeat V2; 0, the default, means V1. */
  readonly heartbeatFingerprint?: number;
  /** Heartbeat V2: subscriptions are left out because the broker has them. Default false. */
  readonly withoutSub?: boolean;
}

const consumeTypes = ['CONSUME_ACTIVELY', 'CONSUME_PASSIVELY', 'CONSUME_POP'] as const;
const messageModels = ['CLUSTERING', 'BROADCASTING', 'LITE_SELECTIVE'] as const;
const consumeFromWheres = [
  'CONSUME_FROM_LAST_OFFSET',
  'CONSUME_FROM_FIRST_OFFSET',
  'CONSUME_FROM_TIMESTAMP',
] as const;

/** The three properties that heartbeats and connection lists share, with Java's defaults. */
export function readConsumerTraits(
  object: Readonly<Record<string, unknown>>,
): Pick<ConsumerData, 'consumeType' | 'messageModel' | 'consumeFromWhere'> {
  return {
    consumeType: readName(object, 'consumeType', consumeTypes, 'CONSUME_PASSIVELY'),
    messageModel: readName(object, 'messageModel', messageModels, 'CLUSTERING'),
    consumeFromWhere: readName(object, 'consumeFromWhere', consumeFromWheres, 'CONSUME_FROM_LAST_OFFSET'),
  };
}

/** Reads a heartbeat. */
export function readHeartbeatData(document: unknown): HeartbeatData {
  const where = 'HeartbeatData';
  const data = readObject(document, where);
  return {
    clientID: readText(data, 'clientID', where) ?? '',
    producerDataSet: readList(data, 'producerDataSet', where, (item) => ({
      groupName: readText(readObject(item, 'ProducerData'), 'groupName', 'ProducerData') ?? '',
    })),
    consumerDataSet: readList(data, 'consumerDataSet', where, readConsumerData),
    heartbeatFingerprint: readInt(data, 'heartbeatFingerprint', where),
    withoutSub: readBoolean(data, 'withoutSub'),
  };
}

function readConsumerData(document: unknown): ConsumerData {
  const data = readObject(document, 'ConsumerData');
  return {
    groupName: readText(data, 'groupName', 'ConsumerData') ?? '',
    ...readConsumerTraits(data),
    subscriptionDataSet: readList(data, 'subscriptionDataSet', 'ConsumerData', readSubscriptionData),
    unitMode: readBoolean(data, 'unitMode'),
  };
}

/** Writes a heartbeat with Java's member order. */
export function writeHeartbeatData(data: HeartbeatData): string {
  return JSON.stringify({
    clientID: data.clientID,
    consumerDataSet: data.consumerDataSet.map((consumer) => ({
      consumeFromWhere: consumer.consumeFromWhere,
      consumeType: consumer.consumeType,
      groupName: consumer.groupName,
      messageModel: consumer.messageModel,
      subscriptionDataSet: consumer.subscriptionDataSet.map(subscriptionDocument),
      unitMode: consumer.unitMode,
    })),
    heartbeatFingerprint: data.heartbeatFingerprint ?? 0,
    producerDataSet: data.producerDataSet.map(({ groupName }) => ({ groupName })),
    withoutSub: data.withoutSub ?? false,
  });
}
