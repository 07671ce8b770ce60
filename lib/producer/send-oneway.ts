import { Commands } from '../../protocol/commands/index.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import { BrokerNotFoundError, RouteNotFoundError, SendFailedError } from '../errors.ts';
import { explainUnreachable } from '../routing/unreachable.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import type { PublishTopic } from './publish-topics.ts';
import { judgeOutcome } from './send-attempts.ts';
import type { SendContext } from './send-context.ts';
import { sendHeader, vipAddress } from './send-header.ts';
import type { SendOptions } from './send-options.ts';

/** Sends a message without waiting for an answer, exactly once. Rejects when it could not even be handed to a connection. */
export async function sendOneway(
  context: SendContext,
  message: OutgoingMessage,
  topic: PublishTopic,
  bound: MessageQueue | undefined,
  { timeout = context.options.sendTimeout, signal }: SendOptions,
): Promise<void> {
  const queue = bound ?? topic.selector.next();
  if (queue === undefined) throw new RouteNotFoundError(message.topic);
  const startedAt = context.clock.uptime();
  const brokerName = topic.brokerOf(queue);
  const address =
    topic.masterAddress(brokerName) ?? context.routes.brokerAddress(brokerName, { onlyThis: true });
  try {
    if (address === undefined) throw new BrokerNotFoundError(brokerName);
    const dialled = context.options.vipChannel ? vipAddress(address) : address;
    const header = sendHeader(context, message, queue.queueId, brokerName);
    await context.remoting.oneway(dialled, Commands.sendMessageV2, header, message.body, { timeout, signal });
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    const error = explainUnreachable(cause, (unreachable) => context.routes.originOf(unreachable));
    const took = context.clock.uptime() - startedAt;
    const attempts = [
      { queue, address, error: error instanceof Error ? error : new Error(String(error)), took },
    ];
    throw new SendFailedError(message.topic, attempts, judgeOutcome(attempts));
  }
}
