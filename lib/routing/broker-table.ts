import { MASTER_ID } from './topic-route.ts';
import type { TopicRoute } from './topic-route.ts';
import type { AddressOrigin } from './unreachable.ts';

/** One address of a broker. */
export interface BrokerAddress {
  readonly brokerName: string;
  /** 0 for the master. */
  readonly brokerId: number;
  readonly address: string;
}

export interface BrokerChoice {
  /** Which of the broker's addresses; default 0, the master. */
  readonly brokerId?: number;
  /** Never another than that. Default false. */
  readonly onlyThis?: boolean;
}

/** All brokers of all known routes; of two routes that disagree the newer counts. Java: `brokerAddrTable`. */
export class BrokerTable {
  #brokers = new Map<string, ReadonlyMap<number, string>>();
  #origins = new Map<string, AddressOrigin>();

  /** Takes the routes that are known now, the newest last; what is in none of them is forgotten. */
  replace(routes: Iterable<TopicRoute>): void {
    this.#brokers = new Map();
    this.#origins = new Map();
    for (const { topic, source: nameServer, brokers } of routes) {
      for (const { brokerName, addresses } of brokers.values()) {
        if (addresses.size > 0) this.#brokers.set(brokerName, addresses);
        for (const [brokerId, address] of addresses) {
          this.#origins.set(address, { topic, brokerName, brokerId, nameServer });
        }
      }
    }
  }

  /**
   * The address wanted; else, unless `onlyThis`, that of the next slave when a slave was wanted, else any.
   * Java: `MQClientInstance.findBrokerAddressInSubscribe`.
   */
  find(
    brokerName: string,
    { brokerId = MASTER_ID, onlyThis = false }: BrokerChoice = {},
  ): BrokerAddress | undefined {
    const addresses = this.#brokers.get(brokerName);
    if (addresses === undefined) return undefined;
    const candidates = brokerId === MASTER_ID ? [brokerId] : [brokerId, brokerId + 1];
    if (!onlyThis) candidates.push(...addresses.keys());
    for (const id of onlyThis ? [brokerId] : candidates) {
      const address = addresses.get(id);
      if (address !== undefined) return { brokerName, brokerId: id, address };
    }
    return undefined;
  }

  /** Every address of every broker. */
  all(): readonly BrokerAddress[] {
    return [...this.#brokers].flatMap(([brokerName, addresses]) =>
      [...addresses].map(([brokerId, address]) => ({ brokerName, brokerId, address })),
    );
  }

  /** Where an address was learned. */
  originOf(address: string): AddressOrigin | undefined {
    return this.#origins.get(address);
  }
}
