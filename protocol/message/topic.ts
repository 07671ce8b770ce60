import { ProtocolError } from '../errors.ts';

/** Begins the topic of a group's failed messages. */
export const retryPrefix = '%RETRY%';

/** Begins the topic of the messages that a group has given up. */
export const deadLetterPrefix = '%DLQ%';

/** The topic whose settings a topic that is created on first send inherits. Java: `AUTO_CREATE_TOPIC_KEY_TOPIC`. */
export const DEFAULT_TOPIC = 'TBW102';

/** Longest name of a topic. Retry and dead-letter topics may have 255 characters on brokers. */
export const MAX_TOPIC_LENGTH = 127;

/** Longest name of a group; with the prefix of its retry topic it fits a topic. */
export const MAX_GROUP_LENGTH = 120;

/** Topics that brokers use themselves and that no client may send to. */
const unsendable: ReadonlySet<string> = new Set([
  'SCHEDULE_TOPIC_XXXX',
  'RMQ_SYS_TRANS_HALF_TOPIC',
  'RMQ_SYS_TRANS_OP_HALF_TOPIC',
  'TRANS_CHECK_MAX_TIME_TOPIC',
  'SELF_TEST_TOPIC',
  'OFFSET_MOVED_EVENT',
]);

/** Topics of the brokers themselves. Java: `TopicValidator.SYSTEM_TOPIC_SET`. */
const systemTopics: ReadonlySet<string> = new Set([
  ...unsendable,
  DEFAULT_TOPIC,
  'BenchmarkTest',
  'RMQ_SYS_TRACE_TOPIC',
  'CHECKPOINT_TOPIC',
]);

const systemPrefixes = ['rmq_sys_', 'CID_RMQ_SYS_'] as const;

/** Whether a topic or a group is one of the brokers themselves. Java: `TopicValidator.isSystemTopic`, `MixAll.isSysConsumerGroup`. */
export const isSystemName = (name: string): boolean =>
  systemTopics.has(name) || systemPrefixes.some((prefix) => name.startsWith(prefix));

const nameCharacters = /^[%|a-zA-Z0-9_-]+$/;

/** The topic through which a group's failed messages come again. */
export const retryTopic = (group: string): string => retryPrefix + group;

/** The topic that a group's messages go to after the last attempt. */
export const deadLetterTopic = (group: string): string => deadLetterPrefix + group;

/** Whether the topic is some group's retry topic. */
export const isRetryTopic = (topic: string): boolean => topic.startsWith(retryPrefix);

/** Whether the topic is some group's dead-letter topic. */
export const isDeadLetterTopic = (topic: string): boolean => topic.startsWith(deadLetterPrefix);

/** The group whose retry or dead-letter topic it is; undefined for other topics. */
export function groupOfTopic(topic: string): string | undefined {
  if (isRetryTopic(topic)) return topic.slice(retryPrefix.length);
  return isDeadLetterTopic(topic) ? topic.slice(deadLetterPrefix.length) : undefined;
}

/** Whether clients may send to the topic; brokers refuse messages to their internal topics. */
export const isSendableTopic = (topic: string): boolean => !unsendable.has(topic);

/** Throws a {@link ProtocolError} unless Java would accept the topic name. Java: `Validators.checkTopic`, `TopicValidator`. */
export function checkTopic(name: string): void {
  const internal = isRetryTopic(name) || isDeadLetterTopic(name);
  checkName('topic', name, internal ? 255 : MAX_TOPIC_LENGTH);
}

/** Throws a {@link ProtocolError} unless Java would accept the group name. Java: `Validators.checkGroup`. */
export function checkGroup(name: string): void {
  checkName('group', name, MAX_GROUP_LENGTH);
}

function checkName(kind: 'topic' | 'group', name: string, maxLength: number): void {
  if (typeof name !== 'string' || name.trim() === '') throw new ProtocolError(kind, 'the name is blank');
  const shown = JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
  if (name.length > maxLength) {
    throw new ProtocolError(kind, `${shown} has ${name.length} characters; at most ${maxLength} are allowed`);
  }
  if (!nameCharacters.test(name)) {
    throw new ProtocolError(
      kind,
      `${shown} has characters that are not allowed; use letters, digits, %, |, _ and -`,
    );
  }
}
