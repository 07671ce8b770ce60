import { Commands } from '../../protocol/commands/index.ts';
import { popRealTopic, writeReceiptHandle, type ReceiptHandle } from '../../protocol/message/pop.ts';
import type {
  MessageQueueAssignment,
  QueryAssignmentRequestBody,
  SetMessageRequestModeRequestBody,
} from '../../protocol/model/assignment.ts';
import type { BatchAck } from '../../protocol/model/batch-ack.ts';
import type { RemotingClient } from '../remoting/remoting-client.ts';
import type { AddressOrigin } from '../routing/unreachable.ts';
import { BrokerCalls, type BrokerCallOptions } from './broker-calls.ts';
import { popMessage, type PopDone, type PopRequest } from './pop-message.ts';

/** A popped message as requests about it name it. */
export interface PopReceipt {
  readonly consumerGroup: string;
  /** The topic that it was popped as. */
  readonly topic: string;
  readonly handle: ReceiptHandle;
}

/** Java's `ASYNC_TIMEOUT`, in ms. */
const receiptTimeout = 3_000;

/** What is asked of a broker of 5.0 or later about pop consumption. Java: the same part of `MQClientAPIImpl`. */
export class PopApi {
  readonly #calls: BrokerCalls;

  constructor(remoting: RemotingClient, originOf?: (address: string) => AddressOrigin | undefined) {
    this.#calls = new BrokerCalls(remoting, originOf ?? (() => undefined));
  }

  /** Pops once, see {@link popMessage}. */
  popMessage(address: string, request: PopRequest, timeout: number, done: PopDone): void {
    popMessage(this.#calls.remoting, address, request, timeout, (error, result) =>
      done(error === undefined ? undefined : this.#calls.explainRocketMQ(error), result),
    );
  }

  /** Says that a message is done: it does not come again. Timeout 3 s. */
  async ack(address: string, receipt: PopReceipt, options: BrokerCallOptions = {}): Promise<void> {
    const header = headerOf(receipt);
    await this.#calls.invoke(address, Commands.ackMessage, header, undefined, withDefault(options));
  }

  /** The same of many messages. Timeout 3 s. */
  async batchAck(
    address: string,
    body: { readonly brokerName: string; readonly acks: readonly BatchAck[] },
    options: BrokerCallOptions = {},
  ): Promise<void> {
    const acks = [...body.acks];
    await this.#calls.invoke(address, Commands.batchAckMessage, {}, { ...body, acks }, withDefault(options));
  }

  /** Hides a message for `invisibleTime` ms from now on; resolves to the receipt that counts from then on. Timeout 3 s. */
  async changeInvisibleTime(
    address: string,
    { invisibleTime, ...receipt }: PopReceipt & { readonly invisibleTime: number },
    options: BrokerCallOptions = {},
  ): Promise<ReceiptHandle> {
    const header = { ...headerOf(receipt), invisibleTime };
    const row = Commands.changeMessageInvisibleTime;
    const answer = (await this.#calls.invoke(address, row, header, undefined, withDefault(options))).header;
    const { handle } = receipt;
    return {
      ...handle,
      startOffset: handle.offset,
      popTime: answer.popTime,
      invisibleTime: answer.invisibleTime,
      reviveQueueId: answer.reviveQid,
    };
  }

  /** Which queues a member is to read, and how; undefined when the broker cannot say, which is not the same as none. Timeout 3 s. */
  async queryAssignment(
    address: string,
    body: QueryAssignmentRequestBody,
    options: BrokerCallOptions = {},
  ): Promise<readonly MessageQueueAssignment[] | undefined> {
    const answer = await this.#calls.invoke(
      address,
      Commands.queryAssignment,
      {},
      body,
      withDefault(options),
    );
    return answer.body.messageQueueAssignments;
  }

  /** Sets whether a group pulls or pops a topic, on one broker. Timeout 5 s. */
  async setMessageRequestMode(
    address: string,
    body: SetMessageRequestModeRequestBody,
    options: BrokerCallOptions = {},
  ): Promise<void> {
    const { timeout = 5_000 } = options;
    await this.#calls.invoke(address, Commands.setMessageRequestMode, {}, body, { ...options, timeout });
  }
}

function headerOf({ consumerGroup, topic, handle }: PopReceipt): {
  consumerGroup: string;
  topic: string;
  queueId: number;
  extraInfo: string;
  offset: number;
  brokerName: string;
} {
  return {
    consumerGroup,
    topic: popRealTopic(topic, consumerGroup, handle.mark),
    queueId: handle.queueId,
    extraInfo: writeReceiptHandle(handle),
    offset: handle.offset,
    brokerName: handle.brokerName,
  };
}

const withDefault = (options: BrokerCallOptions): BrokerCallOptions => ({
  ...options,
  timeout: options.timeout ?? receiptTimeout,
});
