import type { LanguageCode } from '../../protocol/codes/language-code.ts';
import { measureStoredMessage } from '../../protocol/message/stored-layout.ts';
import { decodeStoredMessages, ReceivedMessage } from '../../protocol/message/stored-message.ts';
import type { SubscriptionData } from '../../protocol/model/subscription-data.ts';
import type { BrokerState } from './broker-state.ts';
import type { StoredRecord } from './store/stored-record.ts';

/** A member of a consumer group, as the brokers see it. */
export interface GroupMember {
  readonly clientId: string;
  /** Where its connection comes from, on the first broker that knows it. */
  readonly address: string;
  readonly language: LanguageCode | undefined;
  /** Names of the brokers that know it. */
  readonly brokers: readonly string[];
}

/** What the brokers know about a consumer group, at the time of asking. */
export interface GroupView {
  /** In the order of joining; a client id that joined one broker twice is there twice. */
  readonly members: readonly GroupMember[];
  readonly subscriptions: readonly SubscriptionData[];
  /** Committed offsets of a topic's queues, by broker name and queue id; -1 where nothing was committed. */
  offsets(topic: string): number[];
}

/** What the brokers know about a group. */
export function viewGroup(brokers: readonly BrokerState[], name: string): GroupView {
  const groups = brokers.flatMap((broker) => broker.groups.get(name) ?? []);
  const subscriptions = new Map(groups.flatMap((group) => [...group.subscriptions]));
  return {
    members: membersOf(brokers, name),
    subscriptions: [...subscriptions.values()],
    offsets: (topic) => offsetsOf(brokers, name, topic),
  };
}

function membersOf(brokers: readonly BrokerState[], name: string): GroupMember[] {
  const members = new Map<string, GroupMember>();
  for (const broker of brokers) {
    const seen = new Map<string, number>();
    for (const { clientId, connection, language } of broker.groups.get(name)?.channels.values() ?? []) {
      const times = (seen.get(clientId) ?? 0) + 1;
      seen.set(clientId, times);
      const key = `${clientId} ${times}`;
      const known = members.get(key) ?? {
        clientId,
        address: connection.remoteAddress,
        language,
        brokers: [],
      };
      members.set(key, { ...known, brokers: [...known.brokers, broker.name] });
    }
  }
  return [...members.values()];
}

function offsetsOf(brokers: readonly BrokerState[], group: string, topic: string): number[] {
  return byName(brokers).flatMap((broker) => {
    const queues = broker.topics.get(topic)?.readQueueNums ?? 0;
    return Array.from({ length: queues }, (_, queueId) => broker.offsets.query(group, topic, queueId));
  });
}

/** Stored messages of a topic, by broker, queue and offset. */
export function viewMessages(brokers: readonly BrokerState[], topic: string): ReceivedMessage[] {
  return byName(brokers).flatMap((broker) =>
    broker.log
      .queuesOf(topic)
      .flatMap((queue) => Array.from(queue.records(), (record) => received(record, broker.name))),
  );
}

/** A stored message as a client reads it; compressed still, when it cannot be inflated here. */
function received({ bytes }: StoredRecord, brokerName: string): ReceivedMessage {
  const [only] = decodeStoredMessages(bytes, { maxBodySize: 1 << 30, brokerName });
  if (only?.ok === true) return only.message;
  return new ReceivedMessage(bytes, 0, measureStoredMessage(bytes, 0, bytes.length), { brokerName });
}

/** As queues are sorted: by code units. */
function byName(brokers: readonly BrokerState[]): BrokerState[] {
  return brokers.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
