import type { LanguageCode } from '../../../protocol/codes/language-code.ts';
import type { ConsumerData } from '../../../protocol/model/heartbeat-data.ts';
import type { SubscriptionData } from '../../../protocol/model/subscription-data.ts';
import type { SubscriptionGroupConfig } from '../../../protocol/model/subscription-group.ts';
import type { ServerConnection } from '../../remoting/remoting-server.ts';
import type { SubscriptionGroups } from './subscription-groups.ts';

/** A client as one of its connections presents it. Java: `ClientChannelInfo`. */
export interface ClientChannel {
  readonly connection: ServerConnection;
  readonly clientId: string;
  readonly language: LanguageCode | undefined;
  /** Ordinal of `MQVersion`. */
  readonly version: number;
  /** By the clock's uptime. */
  lastHeartbeat: number;
}

/** A consumer group with members on this broker. Java: `ConsumerGroupInfo`. */
export class ConsumerGroup {
  readonly name: string;
  data: ConsumerData;
  readonly channels = new Map<ServerConnection, ClientChannel>();
  readonly subscriptions = new Map<string, SubscriptionData>();

  constructor(name: string, data: ConsumerData) {
    this.name = name;
    this.data = data;
  }

  get isBroadcasting(): boolean {
    return this.data.messageModel === 'BROADCASTING';
  }

  /** The member with this id; the last to join when there are more. */
  member(clientId: string): ClientChannel | undefined {
    return [...this.channels.values()].reverse().find((channel) => channel.clientId === clientId);
  }

  /** Whether the connection is new to the group. A second client id on a connection replaces the first without a word, as in Java. */
  join(channel: ClientChannel): boolean {
    const known = this.channels.get(channel.connection);
    if (known?.clientId === channel.clientId) known.lastHeartbeat = channel.lastHeartbeat;
    else this.channels.set(channel.connection, channel);
    return known === undefined;
  }

  /** Whether topics came or went. A known topic only takes a newer version. */
  subscribe(subscriptions: readonly SubscriptionData[]): boolean {
    let changed = false;
    const topics = new Set<string>();
    for (const subscription of subscriptions) {
      const known = this.subscriptions.get(subscription.topic);
      if (known === undefined) changed = true;
      if (known === undefined || subscription.subVersion > known.subVersion)
        this.subscriptions.set(subscription.topic, subscription);
      topics.add(subscription.topic);
    }
    for (const topic of this.subscriptions.keys()) {
      if (topics.has(topic)) continue;
      this.subscriptions.delete(topic);
      changed = true;
    }
    return changed;
  }
}

/** The consumer groups of a broker. Java: `ConsumerManager`. */
export class ConsumerGroups {
  readonly #groups = new Map<string, ConsumerGroup>();
  readonly #settings: SubscriptionGroups;
  readonly #fingerprints = new Map<string, number>();
  readonly #onChange: (group: ConsumerGroup) => void;

  /** `onChange` hears of every change that members must be told of. */
  constructor(settings: SubscriptionGroups, onChange: (group: ConsumerGroup) => void) {
    this.#settings = settings;
    this.#onChange = onChange;
  }

  get(name: string): ConsumerGroup | undefined {
    return this.#groups.get(name);
  }

  /** The settings of a group; they are made when there are none. */
  config(name: string): SubscriptionGroupConfig {
    return this.#settings.config(name);
  }

  isKnown(name: string): boolean {
    return this.#settings.has(name);
  }

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  names(): IterableIterator<string> {
    return this.#groups.keys();
  }

  /** Takes up a member's heartbeat; `withoutSubscriptions` leaves the group's as they are. */
  register(data: ConsumerData, channel: ClientChannel, withoutSubscriptions: boolean): void {
    const group = this.#groups.get(data.groupName) ?? new ConsumerGroup(data.groupName, data);
    this.#groups.set(data.groupName, group);
    this.config(data.groupName);
    group.data = data;
    const joined = group.join(channel);
    const subscribed = !withoutSubscriptions && group.subscribe(data.subscriptionDataSet);
    if (joined || subscribed) this.#notify(group);
  }

  /** Whether the fingerprint differs from the one the group's last heartbeat brought. */
  swapFingerprint(name: string, fingerprint: number): boolean {
    const known = this.#fingerprints.get(name);
    this.#fingerprints.set(name, fingerprint);
    return known !== undefined && known !== fingerprint;
  }

  unregister(name: string, connection: ServerConnection): void {
    const group = this.#groups.get(name);
    if (group === undefined) return;
    group.channels.delete(connection);
    if (group.channels.size === 0) this.#groups.delete(name);
    this.#notify(group);
  }

  /** The connection is gone: so are its members. */
  disconnect(connection: ServerConnection): void {
    for (const group of this.#groups.values()) {
      if (group.channels.has(connection)) this.unregister(group.name, connection);
    }
  }

  /** Connections that brought no heartbeat since `before`. */
  silentSince(before: number): ServerConnection[] {
    const channels = [...this.#groups.values()].flatMap((group) => [...group.channels.values()]);
    return channels.filter((channel) => channel.lastHeartbeat < before).map((channel) => channel.connection);
  }

  #notify(group: ConsumerGroup): void {
    if (!group.isBroadcasting && this.config(group.name).notifyConsumerIdsChangedEnable)
      this.#onChange(group);
  }
}

/** The producer groups of a broker. Java: `ProducerManager`. */
export class ProducerGroups {
  readonly #groups = new Map<string, Map<ServerConnection, ClientChannel>>();

  get(name: string): ReadonlyMap<ServerConnection, ClientChannel> | undefined {
    return this.#groups.get(name);
  }

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  /** Where the client with this id is, in whatever group. */
  connectionOf(clientId: string): ServerConnection | undefined {
    const channels = [...this.#groups.values()].flatMap((group) => [...group.values()]);
    return channels.findLast((channel) => channel.clientId === clientId)?.connection;
  }

  register(name: string, channel: ClientChannel): void {
    const channels = this.#groups.get(name) ?? new Map<ServerConnection, ClientChannel>();
    this.#groups.set(name, channels);
    const known = channels.get(channel.connection);
    if (known === undefined) channels.set(channel.connection, channel);
    else known.lastHeartbeat = channel.lastHeartbeat;
  }

  unregister(name: string, connection: ServerConnection): void {
    const channels = this.#groups.get(name);
    channels?.delete(connection);
    if (channels?.size === 0) this.#groups.delete(name);
  }

  disconnect(connection: ServerConnection): void {
    for (const name of this.#groups.keys()) this.unregister(name, connection);
  }

  silentSince(before: number): ServerConnection[] {
    const channels = [...this.#groups.values()].flatMap((group) => [...group.values()]);
    return channels.filter((channel) => channel.lastHeartbeat < before).map((channel) => channel.connection);
  }
}
