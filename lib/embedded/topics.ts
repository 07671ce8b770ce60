import { Permission } from '../../protocol/model/topic-route-data.ts';
import { DEFAULT_TOPIC } from '../../protocol/message/topic.ts';

/** A topic on one broker. Java: `TopicConfig`. */
export interface TopicConfig {
  readonly topic: string;
  readonly readQueueNums: number;
  readonly writeQueueNums: number;
  /** Bits of `Permission`. */
  readonly perm: number;
  readonly topicSysFlag: number;
  readonly order: boolean;
}

const readWrite = Permission.read | Permission.write;

/** Where delayed messages wait, one queue per level. Java: `TopicValidator.RMQ_SYS_SCHEDULE_TOPIC`. */
export const SCHEDULE_TOPIC = 'SCHEDULE_TOPIC_XXXX';

/** What is wrong with a topic's name, in a broker's words. Java: `TopicValidator.validateTopic` of 5.x. */
export function topicProblem(topic: string): string | undefined {
  if (topic.trim() === '') return 'The specified topic is blank.';
  if (!/^[%|a-zA-Z0-9_-]+$/.test(topic))
    return `The specified topic: ${topic}, contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$`;
  const ofGroup = topic.startsWith('%RETRY%') || topic.startsWith('%DLQ%');
  if (ofGroup && topic.length > 255)
    return `The specified topic is DLQ or Retry topic: ${topic}, and it's longer than topic max length: 255`;
  if (!ofGroup && topic.length > 127)
    return `The specified topic: ${topic}, is longer than topic max length: 127`;
  return undefined;
}

/** The topics of one broker. Java: `TopicConfigManager`. */
export class TopicTable {
  readonly #topics = new Map<string, TopicConfig>();

  constructor(autoCreate: boolean, defaultQueueNums: number) {
    // Java keeps the template without the inherit bit when automatic creation is off.
    this.put({
      ...newTopic(DEFAULT_TOPIC, defaultQueueNums),
      perm: autoCreate ? readWrite | Permission.inherit : readWrite,
    });
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
  createByTemplate(topic: string, template: string, queueNums: number): TopicConfig | undefined {
    const model = this.#topics.get(template);
    if (model === undefined || (model.perm & Permission.inherit) === 0) return undefined;
    const queues = Math.max(0, Math.min(queueNums, model.writeQueueNums));
    return this.put({ ...newTopic(topic, queues), perm: model.perm & ~Permission.inherit });
  }

  /** Makes a topic that the broker itself needs. Java: `createTopicInSendMessageBackMethod`. */
  ensure(topic: string, queueNums: number): TopicConfig {
    return this.#topics.get(topic) ?? this.put(newTopic(topic, queueNums));
  }
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
