import { checkGroup, checkTopic } from '../../../protocol/message/topic.ts';
import { PopApi } from '../../api/pop-api.ts';
import { isResponse } from '../../errors.ts';
import { ClientInstance, type Member } from '../../instance/client-instance.ts';
import { UserNames } from '../../instance/user-names.ts';
import { resolveClientOptions, type ClientOptions } from '../../options/client.ts';
import { systemClock, withTimeout } from '../../runtime/clock.ts';
import type { WaitOptions } from '../consumer-life.ts';
import { PopUnsupportedError } from './pop-unsupported-error.ts';

/** How a group is to read a topic. */
export interface MessageRequestModeChange {
  readonly topic: string;
  readonly consumerGroup: string;
  readonly mode: 'pull' | 'pop';
  /** How many further members pop the queues of one. Default 0: all members pop all queues. */
  readonly popShareQueueNum?: number;
}

/**
 * Tells the brokers of a topic whether a group pulls or pops it, which members with `clientRebalance: false` follow within `rebalanceInterval`, Java's too. The
 * brokers keep it. Timeout 10 s. The same as `mqadmin setConsumeMode`.
 * @throws {PopUnsupportedError} for a broker before 5.0, {ResponseError} for a group that a broker does not know and for a retry topic
 */
export async function setMessageRequestMode(
  change: MessageRequestModeChange,
  options: ClientOptions = {},
  { timeout = 10_000, signal }: WaitOptions = {},
): Promise<void> {
  const { mode, popShareQueueNum = 0 } = change;
  const resolved = resolveClientOptions(options);
  const names = new UserNames(resolved.namespace);
  const [topic, consumerGroup] = [names.full(change.topic), names.full(change.consumerGroup)];
  checkTopic(topic);
  checkGroup(consumerGroup);
  const member: Member = { kind: 'admin', group: `mode of ${consumerGroup} for ${topic}` };
  const instance = ClientInstance.obtain(resolved, member);
  const clock = resolved.environment?.clock ?? systemClock;
  using deadline = withTimeout(clock, timeout, signal);
  try {
    await instance.start(deadline.signal);
    const route = await instance.routes.fetch(topic, { signal: deadline.signal });
    const api = new PopApi(instance.remoting, (address) => instance.routes.originOf(address));
    const body = {
      topic,
      consumerGroup,
      mode: mode === 'pop' ? ('POP' as const) : ('PULL' as const),
      popShareQueueNum,
    };
    const set = async (brokerName: string): Promise<void> => {
      const address = route.masterAddress(brokerName);
      if (address === undefined) return;
      try {
        await api.setMessageRequestMode(address, body, { signal: deadline.signal });
      } catch (error) {
        if (!isResponse(error, 'REQUEST_CODE_NOT_SUPPORTED')) throw error;
        throw new PopUnsupportedError(brokerName, undefined, { cause: error });
      }
    };
    await Promise.all(route.brokerNames().map(set));
  } finally {
    await instance.release(member);
  }
}
