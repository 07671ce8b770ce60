import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import type { UserNames } from '../instance/user-names.ts';
import type { Listener } from './listener.ts';

/** A listener whose messages have the topics that users of its namespace know. Java: `DefaultMQPushConsumerImpl.resetRetryAndNamespace`. */
export function namespacedListener(names: UserNames, listener: Listener): Listener {
  if (names.namespace === undefined) return listener;
  const shorten = (message: ReceivedMessage): void => void message.withTopic(names.short(message.topic));
  if (listener.kind === 'message')
    return {
      kind: 'message',
      run: (message, context) => {
        shorten(message);
        return listener.run(message, context);
      },
    };
  return {
    kind: 'batch',
    run: (messages, context) => {
      for (const message of messages) shorten(message);
      return listener.run(messages, context);
    },
  };
}
