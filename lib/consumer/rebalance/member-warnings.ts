import { isRetryTopic } from '../../../protocol/message/topic.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import type { GroupLook } from './group-look.ts';

/** Says once, not every round, what is odd about the group or a topic. */
export class MemberWarnings {
  readonly #consumer: ConsumerContext;
  readonly #said = new Set<string>();

  constructor(consumer: ConsumerContext) {
    this.#consumer = consumer;
  }

  report(topic: string, look: GroupLook): void {
    // It is the same group as that of the topics: once is enough.
    if (isRetryTopic(topic)) return;
    const { clientId, consumerGroup, emit } = this.#consumer;
    const once = (about: string, odd: boolean): boolean => this.#once(`${about} ${topic}`, odd);
    if (once('unknown', look.kind === 'unknown')) {
      const error: unknown = look.kind === 'unknown' ? look.error : undefined;
      const reason = error instanceof Error ? `: ${error.message}` : '';
      const message = `No broker of ${topic} listed the members of ${consumerGroup}; what is owned is kept${reason}`;
      emit('warning', {
        kind: 'memberListFailed',
        topic,
        message,
        ...(error !== undefined && { error }),
      });
    }
    if (once('notListed', look.kind === 'notListed')) {
      const message = `The brokers of ${topic} do not list ${clientId} in ${consumerGroup}; as in Java it owns nothing until they do`;
      emit('warning', { kind: 'notInMemberList', topic, message });
    }
    if (look.kind === 'unknown') return;
    const twice = look.clientIds.filter((id, index) => look.clientIds.indexOf(id) !== index);
    for (const id of new Set(twice)) {
      if (!this.#once(`twice ${id}`, true)) continue;
      const message = `Client id ${id} is listed twice in ${consumerGroup}; both members take the same queues: give each its own instanceName`;
      emit('warning', { kind: 'duplicateClientId', clientId: id, message });
    }
  }

  topicMissing(topic: string): void {
    if (isRetryTopic(topic) || !this.#once(`missing ${topic}`, true)) return;
    const message = `Topic ${topic} does not exist yet; it is consumed as soon as it does`;
    this.#consumer.emit('warning', { kind: 'topicMissing', topic, message });
  }

  routeFailed(topic: string, error: unknown): void {
    if (!this.#once(`route ${topic}`, true)) return;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `The route of ${topic} could not be fetched and is asked for again: ${reason}`;
    this.#consumer.emit('warning', { kind: 'routeFailed', topic, message, error });
  }

  topicFound(topic: string): void {
    this.#once(`missing ${topic}`, false);
    this.#once(`route ${topic}`, false);
  }

  /** True the first time in a row that something is odd. */
  #once(about: string, odd: boolean): boolean {
    if (!odd) {
      this.#said.delete(about);
      return false;
    }
    if (this.#said.has(about)) return false;
    this.#said.add(about);
    return true;
  }
}
