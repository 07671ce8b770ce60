import { Permission } from '../../protocol/model/topic-route-data.ts';
import { TopicSysFlag } from '../../protocol/message/sys-flag.ts';
import { DEFAULT_TOPIC, isDeadLetterTopic, isRetryTopic } from '../../protocol/message/topic.ts';

/** A topic on one broker. Java: `TopicConfig`. */
export interface TopicConfig {
  readonly topic: string;
  readonly readQueueNums: number;
  readonly writeQueueNums: number;
  /** Bits of `Permission`. */
  readonly perm: number;
  readonly topicSysFlag: number;
  readonly order: boolean;
  readonly attributes?: ReadonlyMap<string, string>;
}

const readWrite = Permission.read | Permission.write;

/** Where delayed messages wait, one queue per level. Java: `TopicValidator.RMQ_SYS_SCHEDULE_TOPIC`. */
export const SCHEDULE_TOPIC = 'SCHEDULE_TOPIC_XXXX';

/** Where replies are stored: this behind the name of the cluster. Java: `MixAll.getReplyTopic`. */
export const REPLY_SUFFIX = '_REPLY_TOPIC';

/** Topics that only brokers make. Java: `TopicValidator.isSystemTopic`. */
const systemTopics: ReadonlySet<string> = new Set([
  DEFAULT_TOPIC,
  SCHEDULE_TOPIC,
  'BenchmarkTest',
  'RMQ_SYS_TRANS_HALF_TOPIC',
  'RMQ_SYS_TRACE_TOPIC',
  'RMQ_SYS_TRANS_OP_HALF_TOPIC',
  'TRANS_CHECK_MAX_TIME_TOPIC',
  'SELF_TEST_TOPIC',
  'OFFSET_MOVED_EVENT',
  'CHECKPOINT_TOPIC',
]);

/** Whether the topic is the brokers' own. */
export const isSystemTopic = (topic: string): boolean =>
  systemTopics.has(topic) || topic.startsWith('rmq_sys_') || topic.endsWith(REPLY_SUFFIX);

const topicForm = /^[%|a-zA-Z0-9_-]+$/;

/** What is wrong with a topic's name, in a broker's words; those of 4.9 leave out the name. Java: `TopicValidator.validateTopic`. */
export function topicProblem(topic: string, withName = true): string | undefined {
  if (topic.length <= 127 && topicForm.test(topic)) return undefined;
  if (topic.trim() === '') return 'The specified topic is blank.';
  const subject = withName ? `The specified topic: ${topic},` : 'The specified topic';
  if (!topicForm.test(topic))
    return `${subject} contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$`;
  if (!withName) return `${subject} is longer than topic max length.`;
  if (!isRetryTopic(topic) && !isDeadLetterTopic(topic))
    return `${subject} is longer than topic max length: 127`;
  if (topic.length <= 255) return undefined;
  return `The specified topic is DLQ or Retry topic: ${topic}, and it's longer than topic max length: 255`;
}

/** The topics of one broker. Java: `TopicConfigManager`. */
export class TopicTable {
  readonly #topics = new Map<string, TopicConfig>();

  constructor(autoCreate: boolean, defaultQueueNums: number) {
    // With automatic creation off a new broker has no template, so no route of it leads producers on.
    if (!autoCreate) return;
    this.put({ ...newTopic(DEFAULT_TOPIC, defaultQueueNums), perm: readWrite | Permission.inherit });
  }

  get(topic: string): TopicConfig | undefined {
    return this.#topics.get(topic);
  }

  put(config: TopicConfig): TopicConfig {
    this.#topics.set(config.topic, config);
    return config;
  }

  delete(topic: string): boolean {
    return this.#topics.delete(topic);
  }

  all(): IterableIterator<TopicConfig> {
    return this.#topics.values();
  }

  /** Makes a topic after the template a producer named. Java: `createTopicInSendMessageMethod`. */
  createByTemplate(
    topic: string,
    template: string,
    { queueNums, topicSysFlag }: { readonly queueNums: number; readonly topicSysFlag: number },
  ): TopicConfig | undefined {
    const model = this.#topics.get(template);
    if (model === undefined || (model.perm & Permission.inherit) === 0) return undefined;
    const queues = Math.max(0, Math.min(queueNums, model.writeQueueNums));
    return this.put({ ...newTopic(topic, queues), perm: model.perm & ~Permission.inherit, topicSysFlag });
  }

  /** Makes a topic that the broker itself needs. Java: `createTopicInSendMessageBackMethod`. */
  ensure(topic: string, queueNums: number, topicSysFlag = 0): TopicConfig {
    return this.#topics.get(topic) ?? this.put({ ...newTopic(topic, queueNums), topicSysFlag });
  }
}

/** The flag of a topic that comes to be because of a client. Java: `AbstractSendMessageProcessor.msgCheck`. */
export function topicSysFlagOf(topic: string, unitMode: boolean | undefined): number {
  if (unitMode !== true) return 0;
  return isRetryTopic(topic) ? TopicSysFlag.unitSub : TopicSysFlag.unit;
}

/** A readable and writable topic. */
export function newTopic(topic: string, queueNums: number): TopicConfig {
  return {
    topic,
    readQueueNums: queueNums,
    writeQueueNums: queueNums,
    perm: readWrite,
    topicSysFlag: 0,
    order: false,
  };
}

/** A topic as brokers print it into remarks. Java: `TopicConfig.toString`. */
export function describeTopic(config: TopicConfig, withAttributes: boolean): string {
  const { topic, readQueueNums, writeQueueNums, topicSysFlag, order } = config;
  const perm = `${(config.perm & 4) === 0 ? '-' : 'R'}${(config.perm & 2) === 0 ? '-' : 'W'}${(config.perm & 1) === 0 ? '-' : 'X'}`;
  return (
    `TopicConfig [topicName=${topic}, readQueueNums=${readQueueNums}, writeQueueNums=${writeQueueNums}, perm=${perm}, ` +
    `topicFilterType=SINGLE_TAG, topicSysFlag=${topicSysFlag}, order=${order}${withAttributes ? ', attributes={}' : ''}]`
  );
}
