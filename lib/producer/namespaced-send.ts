import type { Message } from '../../protocol/message/message.ts';
import type { UserNames } from '../instance/user-names.ts';
import type { SendOptions } from './send-options.ts';
import type { SendResult } from './send-result.ts';

/** A message under the name that brokers know its topic by; the namespace goes along as the property `INSTANCE_ID`. Java: `DefaultMQProducerImpl.sendKernelImpl`. */
export function namespacedMessage(names: UserNames, message: Message): Message {
  const { namespace } = names;
  if (namespace === undefined) return message;
  const properties = { ...message.properties, INSTANCE_ID: namespace };
  return { ...message, topic: names.full(message.topic), properties };
}

/** The same for what binds a message to a queue: users name queues by short names, and choose from such. */
export function namespacedOptions(names: UserNames, message: Message, options: SendOptions): SendOptions {
  if (names.namespace === undefined) return options;
  const { queue, select } = options;
  return {
    ...options,
    queue: queue && names.fullQueue(queue),
    select:
      select &&
      ((queues) =>
        names.fullQueue(
          select(
            queues.map((each) => names.shortQueue(each)),
            message,
          ),
        )),
  };
}

/** A result with the name that users know the topic by. */
export const shortResult = (names: UserNames, result: SendResult): SendResult => ({
  ...result,
  queue: names.shortQueue(result.queue),
});
