/**
 * One queue of a topic on one broker: the unit that is owned by at most one member of a consumer group.
 *
 * Java: `org.apache.rocketmq.common.message.MessageQueue`.
 */
export interface MessageQueue {
  readonly topic: string;
  readonly brokerName: string;
  readonly queueId: number;
}

/**
 * Java's order of queues: topic, then broker name, both by UTF-16 code unit, then queue id as a number.
 * Members of a group must sort alike, or they allocate the same queue twice; `localeCompare` would not do.
 */
export function compareQueues(a: MessageQueue, b: MessageQueue): number {
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1;
  if (a.brokerName !== b.brokerName) return a.brokerName < b.brokerName ? -1 : 1;
  return a.queueId - b.queueId;
}

/** Whether both name the same queue. */
export function sameQueue(a: MessageQueue, b: MessageQueue): boolean {
  return a.queueId === b.queueId && a.brokerName === b.brokerName && a.topic === b.topic;
}

const needsEscape = /[@\\]/;

/**
 * A key for maps and logs, `topic@broker@id`. Two queues have the same key only if they are the same: broker names
 * may hold `@` (machine rooms), and the `@` that no broker accepts in a topic is escaped here.
 */
export function queueKey(queue: MessageQueue): string {
  const topic = needsEscape.test(queue.topic) ? queue.topic.replace(/[@\\]/g, '\\$&') : queue.topic;
  return `${topic}@${queue.brokerName}@${queue.queueId}`;
}

/** The text of Java's `MessageQueue.toString()`. Consistent hashing hashes it, so it is part of the protocol. */
export function queueToJavaString(queue: MessageQueue): string {
  return `MessageQueue [topic=${queue.topic}, brokerName=${queue.brokerName}, queueId=${queue.queueId}]`;
}
