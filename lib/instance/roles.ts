import type { ConsumeDirectlyResult } from '../../protocol/model/consume-directly-result.ts';
import type { ConsumerRunningInfo } from '../../protocol/model/consumer-running-info.ts';
import type { ConsumerData } from '../../protocol/model/heartbeat-data.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import type { RemotingCommand } from '../../protocol/remoting-command.ts';

/** Why a consumer looks at its share of the queues again. */
export interface RebalanceTrigger {
  readonly kind:
    | 'start'
    | 'membersChanged'
    | 'routeChanged'
    | 'reconnected'
    | 'subscriptionChanged'
    | 'interval'
    | 'unbalanced'
    | 'offsetMoved'
    | 'queueRecreated'
    | 'resumed'
    | 'stoodStill'
    | 'manual';
  /** When it was received, in milliseconds since the epoch. */
  readonly at: number;
  /** Address of the broker that sent it, or was reconnected to. */
  readonly broker?: string;
  readonly detail?: string;
}

/** A transaction check of a broker (request 39). Java: `CheckTransactionStateRequestHeader`. */
export interface TransactionCheck {
  /** The half message as the broker stored it. */
  readonly message: ReceivedMessage;
  readonly tranStateTableOffset: number;
  readonly commitLogOffset: number;
  readonly msgId?: string | undefined;
  readonly transactionId?: string | undefined;
  readonly offsetMsgId?: string | undefined;
  /** `bname` of the request, when the broker sent it. */
  readonly brokerName?: string | undefined;
  /** The broker that asks; the end of the transaction goes back to it. */
  readonly address: string;
}

/** What an instance needs to know of a producer. Java: `MQProducerInner`. */
export interface ProducerRole {
  readonly producerGroup: string;
  /** Topics it sends to; their routes are polled. */
  topics(): Iterable<string>;
  /** Answers a broker's question about a half message. The outcome is sent by the producer; nothing is answered. */
  checkTransactionState?(check: TransactionCheck): void;
  /** Takes the reply to a request-reply message (request 326). False: nobody waits for it. */
  receiveReply?(request: RemotingCommand, address: string): boolean | Promise<boolean>;
}

/** What an instance needs to know of a consumer. Java: `MQConsumerInner`. */
export interface ConsumerRole {
  readonly consumerGroup: string;
  /** Its part of the heartbeat. */
  consumerData(): ConsumerData;
  /** Topics it is subscribed to, `%RETRY%group` included; their routes are polled. */
  topics(): Iterable<string>;
  /** Asks for a rebalance soon. Never throws, returns at once. */
  wake(trigger: RebalanceTrigger): void;
  /** `withStacks`: also what its listeners are at work on (`jstack`). */
  runningInfo(withStacks?: boolean): ConsumerRunningInfo;
  /** Stored positions of the queues of a topic that it owns. */
  consumerStatus(topic: string): [MessageQueue, number][];
  /** Runs the listener once, outside the flow. */
  consumeDirectly(message: ReceivedMessage, brokerName?: string): Promise<ConsumeDirectlyResult>;
  /** An operator moved the positions (request 220). */
  resetOffset(topic: string, offsets: [MessageQueue, number][]): void;
}
