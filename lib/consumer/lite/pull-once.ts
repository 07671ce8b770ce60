import { PullSysFlag } from '../../../protocol/message/sys-flag.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { PullResult, PullStatus } from '../../api/pull-message.ts';
import { abortable } from '../../runtime/abortable.ts';
import type { WaitOptions } from '../consumer-life.ts';
import { siftRecords, type BadRecord } from '../pull/sift-records.ts';
import { subscriptionData, type Filter } from '../subscription.ts';
import { brokerOf } from './broker-of.ts';
import type { LiteContext } from './lite-context.ts';

/** How one pull is made. */
export interface PullOptions extends WaitOptions {
  /** Default 32, which is also the most that a broker gives from memory. */
  readonly maxMessages?: number | undefined;
  /** Default everything. */
  readonly filter?: Filter | undefined;
  /** How long the broker may hold the request if there is nothing, in ms. Default 0: it answers at once. */
  readonly hold?: number | undefined;
}

/** What one pull brought. Java: `PullResult`. */
export interface PulledMessages {
  readonly status: PullStatus;
  readonly messages: readonly ReceivedMessage[];
  /** Where the next pull goes on. */
  readonly nextOffset: number;
  readonly minOffset: number;
  /** One more than the offset of the last message. */
  readonly maxOffset: number;
  /** Records that could not be read; the others are in `messages`. */
  readonly undecodable: readonly BadRecord[];
}

/** Reads a queue once, at any offset; nothing of the group is read or changed. Java: `DefaultMQPullConsumer.pull`. */
export async function pullOnce(
  consumer: LiteContext,
  queue: MessageQueue,
  offset: number,
  { maxMessages = 32, filter = '*', hold = 0, timeout, signal }: PullOptions,
): Promise<PulledMessages> {
  signal?.throwIfAborted();
  const { api, consumerGroup, options, clock } = consumer;
  const subscription = subscriptionData(queue.topic, filter, clock.now());
  const { subString, subVersion, expressionType } = subscription;
  const address = await brokerOf(consumer, queue, signal);
  const request = {
    consumerGroup,
    queue,
    queueOffset: offset,
    maxMsgNums: maxMessages,
    maxMsgBytes: options.pullBatchSizeInBytes,
    sysFlag: PullSysFlag.subscription | (hold > 0 ? PullSysFlag.suspend : 0),
    commitOffset: 0,
    suspendTimeout: hold,
    subscription: subString,
    subVersion: expressionType === 'TAG' ? 0 : subVersion,
    expressionType,
    maxBodySize: options.maxInflatedSize,
  };
  const patience = timeout ?? hold + options.consumerPullTimeoutMillis;
  const pulling = new Promise<PullResult>((resolve, reject) => {
    api.pullMessage(address, request, patience, (error, result) => {
      if (result === undefined) reject(error ?? new Error('A pull ended without a result'));
      else resolve(result);
    });
  });
  const result = await abortable(pulling, signal);
  const asked = { offset, nextOffset: result.nextBeginOffset, policy: 'skip' } as const;
  const { messages, bad } = siftRecords(result.records, asked, subscription);
  const { status, nextBeginOffset: nextOffset, minOffset, maxOffset } = result;
  return { status, messages, nextOffset, minOffset, maxOffset, undecodable: bad };
}
