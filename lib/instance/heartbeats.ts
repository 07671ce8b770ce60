import type { HeartbeatData } from '../../protocol/model/heartbeat-data.ts';
import type { BrokerApi } from '../api/broker-api.ts';
import type { BrokerAddress } from '../routing/route-table.ts';
import { MASTER_ID } from '../routing/topic-route.ts';
import type { Roles } from './role-table.ts';

export interface HeartbeatsOptions {
  readonly clientId: string;
  readonly api: Pick<BrokerApi, 'heartbeat'>;
  readonly roles: Roles;
  /** All known addresses of brokers. */
  readonly brokers: () => readonly BrokerAddress[];
}

/**
 * Which addresses heartbeats go to: masters, and slaves too once there is a consumer, which may read from them; none without
 * members. Pure. Java: `MQClientInstance.sendHeartbeatToAllBroker`.
 */
export function chooseTargets(
  brokers: readonly BrokerAddress[],
  { hasProducers, hasConsumers }: { readonly hasProducers: boolean; readonly hasConsumers: boolean },
): readonly BrokerAddress[] {
  if (hasConsumers) return brokers;
  return hasProducers ? brokers.filter(({ brokerId }) => brokerId === MASTER_ID) : [];
}

/** The heartbeats under way to an address, and the one that was asked for meanwhile. */
interface Lane {
  readonly running: Promise<void>;
  next: Promise<void> | undefined;
}

/**
 * Tells brokers who we are. To one address one heartbeat is under way at a time, or an old one could overtake a new one (or
 * an unregistration) in the broker's thread pool; what is asked for meanwhile becomes one more, with the content of its time.
 */
export class Heartbeats {
  readonly #options: HeartbeatsOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #versions = new Map<string, number>();

  constructor(options: HeartbeatsOptions) {
    this.#options = options;
  }

  /** Where heartbeats go now. */
  targets(): readonly BrokerAddress[] {
    return chooseTargets(this.#options.brokers(), this.#options.roles);
  }

  /** To one address, after the one that is under way. Rejects if it fails; without members nothing is sent. */
  async sendTo(address: string): Promise<void> {
    const lane = this.#lanes.get(address);
    if (lane === undefined) return this.sendNow(address);
    const send = async (): Promise<void> => this.sendNow(address);
    lane.next ??= lane.running.then(send, send);
    return lane.next;
  }

  /** To one address without waiting for another: what is under way was meant for a connection that is gone. */
  async sendNow(address: string): Promise<void> {
    const before = this.#lanes.get(address);
    const sending = this.#send(address);
    const running =
      before === undefined ? sending : Promise.allSettled([before.running, sending]).then(() => sending);
    const lane: Lane = { running, next: undefined };
    this.#lanes.set(address, lane);
    const leave = (): void => {
      if (this.#lanes.get(address) === lane) this.#lanes.delete(address);
    };
    running.then(leave, leave);
    return sending;
  }

  isUnderWay(address: string): boolean {
    return this.#lanes.has(address);
  }

  /** Resolves when no heartbeat is under way to the address. */
  async quiet(address: string): Promise<void> {
    for (let lane = this.#lanes.get(address); lane !== undefined; lane = this.#lanes.get(address)) {
      await Promise.allSettled([lane.running, lane.next]);
    }
  }

  /** From the last answer: an ordinal of Java's `MQVersion`. */
  versionOf(address: string): number | undefined {
    return this.#versions.get(address);
  }

  forget(address: string): void {
    this.#versions.delete(address);
  }

  async #send(address: string): Promise<void> {
    const { api, roles, brokers } = this.#options;
    if (!roles.hasConsumers && !roles.hasProducers) return;
    const brokerName = brokers().find((broker) => broker.address === address)?.brokerName;
    const beat = async (data: HeartbeatData): Promise<void> => {
      const { version } = await api.heartbeat(address, data, { brokerName });
      this.#versions.set(address, version);
    };
    // A broker keeps the language of a client's first heartbeat, and only its answer tells whether it knows NODE_JS.
    if (!this.#versions.has(address)) await beat(this.#empty());
    await beat(this.#data());
  }

  /** Makes nothing known, and is answered like any other. */
  #empty(): HeartbeatData {
    const { clientId: clientID } = this.#options;
    return { clientID, producerDataSet: [], consumerDataSet: [], heartbeatFingerprint: 0, withoutSub: false };
  }

  #data(): HeartbeatData {
    const { clientId, roles } = this.#options;
    return {
      clientID: clientId,
      producerDataSet: [...roles.producers.keys()].map((groupName) => ({ groupName })),
      consumerDataSet: [...roles.consumers.values()].map((consumer) => consumer.consumerData()),
      heartbeatFingerprint: 0,
      withoutSub: false,
    };
  }
}
