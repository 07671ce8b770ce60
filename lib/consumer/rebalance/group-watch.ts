import type { ConsumeType } from '../../../protocol/model/heartbeat-data.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import type { OffsetCommitter } from '../offset/offset-committer.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import type { GroupView } from './plan.ts';

/**
 * Looks now and then for signs that somebody else works against this member: offsets that it did not commit, and members that
 * subscribe to something else or are of another kind. The protocol has no means to prevent either, so these are warnings.
 */
export class GroupWatch {
  readonly #consumer: ConsumerContext;
  readonly #committer: OffsetCommitter;
  readonly #consumeType: ConsumeType;
  readonly #said = new Map<string, string>();

  /** @param consumeType what this member tells brokers that it is; default: a push consumer */
  constructor(
    consumer: ConsumerContext,
    committer: OffsetCommitter,
    consumeType: ConsumeType = 'CONSUME_PASSIVELY',
  ) {
    this.#consumer = consumer;
    this.#committer = committer;
    this.#consumeType = consumeType;
  }

  /** One look. Never rejects: what a broker does not answer is not known. */
  async look(owned: readonly OwnedQueue[], views: ReadonlyMap<string, GroupView>): Promise<void> {
    await Promise.all([
      ...owned.map(async (each) => this.#checkOffset(each)),
      // Alone there is nobody to differ from.
      ...[...views]
        .filter(([, view]) => view.clientIds.length > 1)
        .map(async ([topic]) => this.#checkSubscription(topic)),
    ]);
  }

  async #checkOffset(owned: OwnedQueue): Promise<void> {
    const { api, instance, consumerGroup: group, emit } = this.#consumer;
    const { queue, committed } = owned;
    const address = instance.routes.addressOf(queue);
    if (committed === undefined || address === undefined || !owned.isConsumable) return;
    const stored = await api.queryConsumerOffset(address, { group, queue }).catch(() => undefined);
    // A commit of ours on its way, or a new ownership, explains any difference.
    const ours = owned.committed === committed && owned.isConsumable && !this.#committer.isCommitting(owned);
    if (stored === undefined || stored === committed || !ours) return;
    if (!this.#isNews(owned.key, String(stored))) return;
    const message = `The stored offset of ${owned.key} is ${stored}, this member committed ${committed}: another owner, or a reset`;
    emit('warning', { kind: 'foreignCommit', queue, committed, stored, message });
  }

  async #checkSubscription(topic: string): Promise<void> {
    const { api, instance, consumerGroup, subscriptions, emit } = this.#consumer;
    const broker = instance.routes.get(topic)?.brokerNames()[0];
    const address = broker === undefined ? undefined : instance.routes.brokerAddress(broker);
    const ours = subscriptions.get(topic)?.data;
    if (address === undefined || ours === undefined) return;
    const group = await api.consumerConnection(address, consumerGroup).catch(() => undefined);
    if (group === undefined) return;
    this.#checkType(group.consumeType);
    const theirs = group.subscriptionTable.get(topic);
    const same = theirs?.subString === ours.subString && theirs.expressionType === ours.expressionType;
    if (same || !this.#isNews(topic, theirs?.subString ?? '')) return;
    const seen = theirs === undefined ? 'no subscription' : `the filter ${JSON.stringify(theirs.subString)}`;
    const message = `The broker has ${seen} for ${topic} in ${consumerGroup}, this member has ${JSON.stringify(ours.subString)}; all members of a group must subscribe alike`;
    emit('warning', { kind: 'subscriptionsDiffer', topic, message });
  }

  /** Push consumers also subscribe to the group's retry topic; each heartbeat of the other kind takes that subscription away. */
  #checkType(theirs: string): void {
    const { consumerGroup, emit } = this.#consumer;
    if (theirs === this.#consumeType || !this.#isNews('consumeType', theirs)) return;
    const message = `The broker has ${theirs} for ${consumerGroup}, this member is ${this.#consumeType}; push and pull consumers must not share a group`;
    emit('warning', { kind: 'consumeTypesDiffer', message });
  }

  #isNews(about: string, seen: string): boolean {
    if (this.#said.get(about) === seen) return false;
    this.#said.set(about, seen);
    return true;
  }
}
