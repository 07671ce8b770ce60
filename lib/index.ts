// Clients
export { Producer } from './producer/producer.ts';
export type {
  ProducerOptions,
  SelectQueue,
  SendOptions,
  SendResult,
  SendStatus,
} from './producer/producer.ts';
export { PushConsumer } from './consumer/push-consumer.ts';
export type { PushConsumerOptions, QueueStatus } from './consumer/push-consumer.ts';
export { PopUnsupportedError } from './consumer/pop/pop-unsupported-error.ts';
export type { PopQueueStatus } from './consumer/pop/pop-engine.ts';
export {
  setMessageRequestMode,
  type MessageRequestModeChange,
} from './consumer/pop/set-message-request-mode.ts';
export { LitePullConsumer } from './consumer/lite-pull-consumer.ts';
export type { LitePullConsumerOptions } from './options/lite-pull-consumer.ts';
export type { PollOptions, ReadOptions } from './consumer/lite/reading-options.ts';
export type { LitePullConsumerEvents, TopicQueuesEvent } from './consumer/lite/lite-events.ts';
export type { PulledMessages, PullOptions } from './consumer/lite/pull-once.ts';
export type { AckMode } from './consumer/lite/reader.ts';
export type { BadRecord } from './consumer/pull/sift-records.ts';
export type { PullStatus } from './api/pull-message.ts';
export type { WaitOptions } from './consumer/consumer-life.ts';
export type { PauseTarget } from './consumer/flow/pauses.ts';
export type { ConsumerHealth, HealthReason } from './consumer/progress/health.ts';
export type { ConsumeRates, ConsumeWindows } from './consumer/consumer-stats.ts';
export type { SendMessageBackOptions } from './consumer/consume/send-message-back.ts';
export type { QueueReset } from './consumer/offset/reset-to-timestamp.ts';
export type { BrokerQueries, QueryMessagesOptions, QueryWait } from './instance/broker-queries.ts';
export type { ConsumerLag, LagOptions, QueueLag } from './consumer/progress/lag.ts';
export { closeOnSignals } from './runtime/close-on-signals.ts';
export type {
  Closable,
  CloseOnSignalsOptions,
  SignalProcess,
  StopListening,
} from './runtime/close-on-signals.ts';
export type {
  ConsumeFailedEvent,
  ConsumerEvents,
  ConsumeTimeoutEvent,
  ConsumerWarning,
  DrainingEvent,
  LockLostEvent,
  OffsetMovedEvent,
  PopExpiredEvent,
  PushConsumerEvents,
  QueueLockedEvent,
  RebalanceEvent,
  RebalanceTimings,
  UndecodableEvent,
} from './consumer/events.ts';
export type {
  BatchContext,
  BatchResult,
  ConsumeContext,
  DelayedRetry,
  EachBatch,
  EachMessage,
  ListenerResult,
  SuspendQueue,
  PartialSuccess,
} from './consumer/listener.ts';
export type { OwnershipState, PullHold } from './consumer/owned-queue.ts';
export type { AssignmentExplanation } from './consumer/rebalance/explain.ts';
export type { Filter, SubscribeOptions } from './consumer/subscription.ts';
export type { RebalanceTrigger } from './instance/roles.ts';
export type { RouteChange, RouteDifference } from './routing/route-difference.ts';

// Sharing out queues: pure, also without a client
export { averagely } from './allocate/averagely.ts';
export { byCircle } from './allocate/by-circle.ts';
export { byConfig } from './allocate/by-config.ts';
export { byMachineRoom } from './allocate/by-machine-room.ts';
export { consistentHash, type ConsistentHashOptions } from './allocate/consistent-hash.ts';
export { machineRoomNearby, type MachineRoomNearbyOptions } from './allocate/machine-room-nearby.ts';
export { md5RingHash, type RingHash } from './allocate/hash-ring.ts';
export { checkAllocation } from './allocate/checked-allocation.ts';
export { sortClientIds, sortQueues } from './allocate/sorting.ts';
export { StrategyName } from './allocate/allocate-strategy.ts';
export type { AllocateInput, AllocateStrategy, NamedAllocateStrategy } from './allocate/allocate-strategy.ts';

// Messages and queues
export type { Message } from '../protocol/message/message.ts';
export { newMessageFrom } from '../protocol/message/new-message-from.ts';
export { MessageProperty } from '../protocol/message/properties.ts';
export { ReceivedMessage } from '../protocol/message/stored-message.ts';
export { compareQueues, queueKey, sameQueue, type MessageQueue } from '../protocol/model/message-queue.ts';

// Errors
export {
  BrokerNotFoundError,
  ConnectError,
  ConnectionClosedError,
  ConsumeError,
  IllegalStateError,
  InvalidMessageError,
  InvalidOptionError,
  isResponse,
  NameServerError,
  OverloadedError,
  ProtocolError,
  RequestTimeoutError,
  ResponseError,
  RocketMQError,
  RouteNotFoundError,
  SendFailedError,
} from './errors.ts';
export type { ErrorCode, NameServerAttempt, SendAttempt, SendOutcome } from './errors.ts';
export { AllocationError, type AllocationFacts, type AllocationFault } from './allocate/allocation-error.ts';
export { FilterError, type FilterProblem } from './consumer/filter/filter-error.ts';
export { OffsetStoreError } from './consumer/offset/offset-store-error.ts';
export { OffsetFileError } from './consumer/offset/offset-file-error.ts';
export { DuplicateMemberError } from './instance/duplicate-member-error.ts';
export { UnreachableBrokerError, type AddressOrigin } from './routing/unreachable.ts';
export { ResponseCode, type ResponseName } from '../protocol/codes/response-code.ts';

// Options and the outside world
export { Credentials } from '../protocol/acl/credentials.ts';
export type { ClientOptions, CredentialsInput, Environment } from './options/client.ts';
export type { OffsetStore } from './options/offset-store.ts';
export type { AddressMap } from './remoting/remoting-options.ts';
export type { TlsOptions, Transport } from './remoting/transport.ts';
export type { Clock, Timer } from './runtime/clock.ts';
export type { FileAccess } from './runtime/file-access.ts';
export type { Random } from './runtime/random.ts';
export type { LogFunction, Logger, LogLevel } from './logger.ts';
