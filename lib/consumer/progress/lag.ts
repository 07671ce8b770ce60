import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import { BrokerNotFoundError } from '../../errors.ts';
import type { ClientInstance } from '../../instance/client-instance.ts';
import type { WaitOptions } from '../consumer-life.ts';
import type { OwnedQueue } from '../owned-queue.ts';

/** How far this member is behind with one queue. */
export interface QueueLag {
  readonly queue: MessageQueue;
  /** The lowest offset that is not consumed. */
  readonly consumed: number;
  /** One more than the broker's last message. */
  readonly brokerMaxOffset: number;
  /** Messages that are not consumed, those in work included. */
  readonly lag: number;
}

/** How far this member is behind with its queues. Queues of other members are not in it. */
export interface ConsumerLag {
  readonly total: number;
  /** By topic; that of the group's retry topic is among them. */
  readonly topics: ReadonlyMap<string, number>;
  readonly queues: readonly QueueLag[];
}

/** Where `lag` takes the brokers' offsets from, and how long it may take. */
export interface LagOptions extends WaitOptions {
  /** Ask the brokers, in place of what the last pulls told. Default false. */
  readonly fresh?: boolean;
}

/** Sums up what the last pulls told. Pure. */
export function lagOf(queues: readonly QueueLag[]): ConsumerLag {
  const topics = new Map<string, number>();
  for (const { queue, lag } of queues) topics.set(queue.topic, (topics.get(queue.topic) ?? 0) + lag);
  return { total: queues.reduce((sum, { lag }) => sum + lag, 0), topics, queues };
}

/** What the last pull told of a queue. */
export const knownLag = (owned: OwnedQueue): QueueLag => lagAt(owned, owned.brokerMaxOffset);

/** Asks the broker of a queue for its end. @throws {BrokerNotFoundError} {RequestTimeoutError} {ResponseError} */
export async function freshLag(
  { api, routes }: Pick<ClientInstance, 'api' | 'routes'>,
  owned: OwnedQueue,
  { timeout, signal }: WaitOptions,
): Promise<QueueLag> {
  const { queue } = owned;
  const address = routes.addressOf(queue);
  if (address === undefined) throw new BrokerNotFoundError(queue.brokerName);
  owned.brokerMaxOffset = await api.maxOffset(address, queue, { timeout, signal });
  return knownLag(owned);
}

/** How far each queue is behind, as {@link LagOptions} say; without an instance by what is known. Rejects as {@link freshLag} does. */
export async function lagsOf(
  instance: ClientInstance | undefined,
  owned: readonly OwnedQueue[],
  { fresh = false, ...wait }: LagOptions,
): Promise<readonly QueueLag[]> {
  if (!fresh || instance === undefined) return owned.map(knownLag);
  return Promise.all(owned.map(async (each) => freshLag(instance, each, wait)));
}

function lagAt({ queue, process }: OwnedQueue, brokerMaxOffset: number): QueueLag {
  const consumed = process.commitOffset;
  return { queue, consumed, brokerMaxOffset, lag: Math.max(0, brokerMaxOffset - consumed) };
}
