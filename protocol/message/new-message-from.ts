import type { Message } from './message.ts';
import { MessageProperty } from './properties.ts';
import type { ReceivedMessage } from './received-message.ts';

/** Names that client and broker give meaning to; the sharding key is the user's. */
const notes: ReadonlySet<string> = new Set(
  Object.values(MessageProperty).filter((name) => name !== MessageProperty.SHARDING_KEY),
);

/**
 * A new message with the body, tags, keys, flag and user properties of one that was received, for the topic that it was first sent to. A dead
 * letter is sent once more by it: `producer.send(newMessageFrom(letter))`. What client and broker noted in its properties stays behind, the
 * count of its tries too.
 */
export function newMessageFrom(received: ReceivedMessage): Message {
  const { originTopic: topic, body, tags, keys, flag } = received;
  const own = [...received.properties].filter(([name]) => !notes.has(name));
  return {
    topic,
    body,
    flag,
    ...(tags !== undefined && { tags }),
    ...(keys.length > 0 && { keys }),
    ...(own.length > 0 && { properties: Object.fromEntries(own) }),
  };
}
