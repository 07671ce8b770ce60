import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import { BrokerNotFoundError } from '../../errors.ts';
import type { ConsumerContext } from '../consumer-context.ts';

/** Address of a queue's broker; the route of its topic is asked for if need be. @throws {BrokerNotFoundError} */
export async function brokerOf(
  { instance }: Pick<ConsumerContext, 'instance'>,
  queue: MessageQueue,
  signal?: AbortSignal,
): Promise<string> {
  const known = instance.routes.addressOf(queue);
  if (known !== undefined) return known;
  await instance.routes.fetch(queue.topic, { signal });
  const address = instance.routes.addressOf(queue);
  if (address === undefined) throw new BrokerNotFoundError(queue.brokerName);
  return address;
}
