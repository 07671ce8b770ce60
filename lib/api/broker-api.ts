import { ResponseCode } from '../../protocol/codes/response-code.ts';
import { Commands } from '../../protocol/commands/index.ts';
import { DEFAULT_TOPIC } from '../../protocol/message/topic.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import type { ConsumerConnection } from '../../protocol/model/consumer-connection.ts';
import type { HeartbeatData } from '../../protocol/model/heartbeat-data.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import type { SubscriptionData } from '../../protocol/model/subscription-data.ts';
import { Permission } from '../../protocol/model/topic-route-data.ts';
import type { RemotingClient } from '../remoting/remoting-client.ts';
import type { AddressOrigin } from '../routing/unreachable.ts';
import { isResponse, ResponseError } from '../errors.ts';
import { BrokerCalls } from './broker-calls.ts';
import type { BrokerCallOptions } from './broker-calls.ts';
import type { GroupQueue, QueueLock, SendBack, TopicDefinition, Unregistration } from './broker-arguments.ts';
import { decodeOneMessage } from './decode-one-message.ts';
import { pullMessage } from './pull-message.ts';
import type { PullDone, PullRequest } from './pull-message.ts';
import { readSendAnswer } from './send-answer.ts';
import type { SendAnswer, SendHeader } from './send-answer.ts';

export type { GroupQueue, QueueLock, SendBack, TopicDefinition, Unregistration } from './broker-arguments.ts';

/** Java waits this long for what moves or reads positions. */
const offsetTimeout = 5_000;
/** And this long for queue locks, which are asked for again soon anyway. */
const lockTimeout = 1_000;

/**
 * One typed call for each thing a client asks of a broker. Every call takes `timeout` (milliseconds; the default is
 * Java's) and `signal`; all throw `ResponseError` for a broker's refusal and say of an unreachable address where it came
 * from. Java: `MQClientAPIImpl`.
 */
export class BrokerApi {
  readonly #calls: BrokerCalls;

  constructor(
    remoting: RemotingClient,
    originOf: (address: string) => AddressOrigin | undefined = () => undefined,
  ) {
    this.#calls = new BrokerCalls(remoting, originOf);
  }

  /** Sends one message, or with `batch` several in one body. Resolves for 0 and for the three "stored, but" codes. */
  async sendMessage(
    address: string,
    header: SendHeader,
    body: Buffer,
    { batch = false, ...options }: BrokerCallOptions & { readonly batch?: boolean } = {},
  ): Promise<SendAnswer> {
    const row = batch ? Commands.sendBatchMessage : Commands.sendMessageV2;
    return readSendAnswer(await this.#calls.request(address, row, header, body, options), address, row);
  }

  /** Sends without an answer; resolves when the bytes are handed to the connection. */
  async sendMessageOneway(
    address: string,
    header: SendHeader,
    body: Buffer,
    { batch = false, ...options }: BrokerCallOptions & { readonly batch?: boolean } = {},
  ): Promise<void> {
    const row = batch ? Commands.sendBatchMessage : Commands.sendMessageV2;
    await this.#calls.oneway(address, row, header, body, options);
  }

  /** Pulls once, see {@link pullMessage}. */
  pullMessage(address: string, request: PullRequest, timeout: number, done: PullDone): void {
    pullMessage(this.#calls.remoting, address, request, timeout, (error, result) =>
      done(error === undefined ? undefined : this.#calls.explainRocketMQ(error), result),
    );
  }

  /** The stored position of a group, or undefined if there is none (code 22). Timeout 5 s. */
  async queryConsumerOffset(
    address: string,
    { group, queue, setZeroIfNotFound }: GroupQueue & { readonly setZeroIfNotFound?: boolean | undefined },
    options: BrokerCallOptions = {},
  ): Promise<number | undefined> {
    const header = { consumerGroup: group, ...headerOf(queue), setZeroIfNotFound };
    try {
      const answer = await this.#calls.invoke(
        address,
        Commands.queryConsumerOffset,
        header,
        undefined,
        withDefault(options, offsetTimeout),
      );
      return answer.header.offset;
    } catch (error) {
      if (isResponse(error, 'QUERY_NOT_FOUND')) return undefined;
      throw error;
    }
  }

  /** Stores the position of a group, and waits until it is. Timeout 5 s. */
  async updateConsumerOffset(
    address: string,
    { group, queue, offset }: GroupQueue & { readonly offset: number },
    options: BrokerCallOptions = {},
  ): Promise<void> {
    const header = { consumerGroup: group, ...headerOf(queue), commitOffset: offset };
    await this.#calls.invoke(
      address,
      Commands.updateConsumerOffset,
      header,
      undefined,
      withDefault(options, offsetTimeout),
    );
  }

  /** One more than the offset of the last message. */
  async maxOffset(address: string, queue: MessageQueue, options: BrokerCallOptions = {}): Promise<number> {
    return (await this.#calls.invoke(address, Commands.getMaxOffset, headerOf(queue), undefined, options))
      .header.offset;
  }

  /** Offset of the first message that is still there. */
  async minOffset(address: string, queue: MessageQueue, options: BrokerCallOptions = {}): Promise<number> {
    return (await this.#calls.invoke(address, Commands.getMinOffset, headerOf(queue), undefined, options))
      .header.offset;
  }

  /** Offset of the first message stored at `timestamp` (milliseconds since the epoch) or later. */
  async searchOffset(
    address: string,
    queue: MessageQueue,
    timestamp: number,
    options: BrokerCallOptions = {},
  ): Promise<number> {
    const header = { ...headerOf(queue), timestamp };
    return (await this.#calls.invoke(address, Commands.searchOffsetByTimestamp, header, undefined, options))
      .header.offset;
  }

  /** When the first message that is still there was stored, in milliseconds since the epoch. */
  async earliestStoreTime(
    address: string,
    queue: MessageQueue,
    options: BrokerCallOptions = {},
  ): Promise<number> {
    const answer = await this.#calls.invoke(
      address,
      Commands.getEarliestMsgStoretime,
      headerOf(queue),
      undefined,
      options,
    );
    return answer.header.timestamp;
  }

  /** Has the broker deliver a message again later. Timeout 5 s. */
  async sendMessageBack(address: string, message: SendBack, options: BrokerCallOptions = {}): Promise<void> {
    await this.#calls.invoke(
      address,
      Commands.consumerSendMsgBack,
      { ...message, unitMode: message.unitMode ?? false },
      undefined,
      withDefault(options, offsetTimeout),
    );
  }

  /** Makes the members of this client known. Resolves to the broker's version, an ordinal of Java's `MQVersion`. */
  async heartbeat(
    address: string,
    data: HeartbeatData,
    { brokerName, ...options }: BrokerCallOptions = {},
  ): Promise<{ readonly version: number }> {
    const row = Commands.heartBeat;
    const answer = await this.#calls.request(address, row, { brokerName }, data, options);
    if (answer.code !== ResponseCode.SUCCESS)
      throw new ResponseError(answer.code, answer.remark, address, row.name);
    return { version: answer.version };
  }

  /** Takes a member of this client out of its group. */
  async unregisterClient(
    address: string,
    { clientId, producerGroup, consumerGroup }: Unregistration,
    { brokerName, ...options }: BrokerCallOptions = {},
  ): Promise<void> {
    const header = { clientID: clientId, producerGroup, consumerGroup, brokerName };
    await this.#calls.invoke(address, Commands.unregisterClient, header, undefined, options);
  }

  /** Client ids of the members of a group that this broker knows; empty if it knows none. */
  async consumerIds(
    address: string,
    group: string,
    { brokerName, ...options }: BrokerCallOptions = {},
  ): Promise<readonly string[]> {
    const header = { consumerGroup: group, brokerName };
    try {
      return (await this.#calls.invoke(address, Commands.getConsumerListByGroup, header, undefined, options))
        .body.consumerIdList;
    } catch (error) {
      if (isResponse(error, 'SYSTEM_ERROR') && /no consumer/i.test(error.remark ?? '')) return [];
      throw error;
    }
  }

  /** Locks queues for a member; resolves to those that are now locked for it. Timeout 1 s. */
  async lockBatch(
    address: string,
    lock: QueueLock,
    { brokerName, ...options }: BrokerCallOptions = {},
  ): Promise<readonly MessageQueue[]> {
    const body = { consumerGroup: lock.group, clientId: lock.clientId, mqSet: lock.queues };
    const answer = await this.#calls.invoke(
      address,
      Commands.lockBatchMq,
      { brokerName },
      body,
      withDefault(options, lockTimeout),
    );
    return answer.body.lockOKMQSet;
  }

  /** Gives locks up. Timeout 1 s. */
  async unlockBatch(
    address: string,
    lock: QueueLock,
    { brokerName, ...options }: BrokerCallOptions = {},
  ): Promise<void> {
    const body = { consumerGroup: lock.group, clientId: lock.clientId, mqSet: lock.queues };
    await this.#calls.invoke(
      address,
      Commands.unlockBatchMq,
      { brokerName },
      body,
      withDefault(options, lockTimeout),
    );
  }

  /** Who is connected for a group, and with which subscriptions. */
  async consumerConnection(
    address: string,
    group: string,
    { brokerName, ...options }: BrokerCallOptions = {},
  ): Promise<ConsumerConnection> {
    const header = { consumerGroup: group, brokerName };
    return (await this.#calls.invoke(address, Commands.getConsumerConnectionList, header, undefined, options))
      .body;
  }

  /** Has the broker compile a subscription's filter; throws `ResponseError` 23 if it cannot, 1 if it does not filter. */
  async checkClientConfig(
    address: string,
    body: { readonly clientId: string; readonly group: string; readonly subscriptionData: SubscriptionData },
    options: BrokerCallOptions = {},
  ): Promise<void> {
    await this.#calls.invoke(address, Commands.checkClientConfig, {}, body, options);
  }

  /** The message at a place in the broker's commit log, as a message id names it. */
  async viewMessage(
    address: string,
    commitLogOffset: number,
    options: BrokerCallOptions = {},
  ): Promise<ReceivedMessage> {
    const header = { offset: commitLogOffset };
    const answer = await this.#calls.invoke(address, Commands.viewMessageById, header, undefined, options);
    return decodeOneMessage(answer.body, options.brokerName);
  }

  /** Creates or changes a topic on one broker. Timeout 5 s. */
  async createTopic(address: string, topic: TopicDefinition, options: BrokerCallOptions = {}): Promise<void> {
    const header = {
      ...topic,
      defaultTopic: topic.defaultTopic ?? DEFAULT_TOPIC,
      perm: topic.perm ?? Permission.read | Permission.write,
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag: topic.topicSysFlag ?? 0,
      order: topic.order ?? false,
    };
    await this.#calls.invoke(
      address,
      Commands.updateAndCreateTopic,
      header,
      undefined,
      withDefault(options, offsetTimeout),
    );
  }
}

/** The fields that say which queue is meant. */
function headerOf({ topic, queueId, brokerName }: MessageQueue): {
  topic: string;
  queueId: number;
  brokerName: string;
} {
  return { topic, queueId, brokerName };
}

const withDefault = (options: BrokerCallOptions, timeout: number): BrokerCallOptions => ({
  ...options,
  timeout: options.timeout ?? timeout,
});
