import type { MessageModel } from '../../protocol/model/heartbeat-data.ts';
import type { ResolvedConsumerOptions } from '../options/consumer.ts';
import type { ConsumerContext } from './consumer-context.ts';
import { LocalFileOffsetStore } from './offset/local-file-offset-store.ts';
import type { OffsetStore } from '../options/offset-store.ts';
import { RemoteOffsetStore } from './offset/remote-offset-store.ts';
import { UserOffsetStore } from './offset/user-offset-store.ts';
import { broadcastSharing, clusterSharing, type QueueSharing } from './rebalance/queue-sharing.ts';

/** Java's name of the option's value. */
export const javaMessageModel = {
  clustering: 'CLUSTERING',
  broadcasting: 'BROADCASTING',
} as const satisfies Record<ResolvedConsumerOptions['messageModel'], MessageModel>;

/** What the two message models do differently: who shares the queues, and where positions are kept. Java: `MessageModel`. */
export interface MessageModelParts {
  readonly sharing: QueueSharing;
  readonly store: OffsetStore;
}

/** The parts of a consumer that depend on its `messageModel`. */
export function messageModelParts(consumer: ConsumerContext): MessageModelParts {
  const { messageModel, offsetStore } = consumer.options;
  const given = offsetStore && new UserOffsetStore(consumer, offsetStore);
  return messageModel === 'broadcasting'
    ? { sharing: broadcastSharing(consumer), store: given ?? new LocalFileOffsetStore(consumer) }
    : { sharing: clusterSharing(consumer), store: given ?? new RemoteOffsetStore(consumer) };
}
