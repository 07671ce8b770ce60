import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import type { UserNames } from '../instance/user-names.ts';
import type { Listener } from './listener.ts';

/** The message, with the topic that users of the namespace know. */
export function shortened(names: UserNames, message: ReceivedMessage): ReceivedMessage {
  return names.namespace === undefined ? message : message.withTopic(names.short(message.topic));
}

/** A listener whose messages have the topics that users of its namespace know. Java: `DefaultMQPushConsumerImpl.resetRetryAndNamespace`. */
export function namespacedListener(names: UserNames, listener: Listener): Listener {
  if (names.namespace === undefined) return listener;
  if (listener.kind === 'message')
    return {
      kind: 'message',
      run: (message, context) => listener.run(shortened(names, message), context),
    };
  return {
    kind: 'batch',
    run: (messages, context) =>
      listener.run(
        messages.map((message) => shortened(names, message)),
        context,
      ),
  };
}
