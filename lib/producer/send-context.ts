import type { UniqueIds } from '../../protocol/message/message-id.ts';
import type { Logger } from '../logger.ts';
import type { ResolvedProducerOptions } from '../options/producer.ts';
import type { RemotingClient } from '../remoting/remoting-client.ts';
import type { FaultTolerance } from '../routing/fault-tolerance.ts';
import type { RouteTable } from '../routing/route-table.ts';
import type { Clock } from '../runtime/clock.ts';
import type { PublishTopics } from './publish-topics.ts';

/** What all sends of a running producer share. */
export interface SendContext {
  readonly producerGroup: string;
  readonly options: ResolvedProducerOptions;
  readonly remoting: RemotingClient;
  readonly routes: RouteTable;
  readonly topics: PublishTopics;
  readonly ids: UniqueIds;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Present with `sendLatencyFaultEnable`. */
  readonly health: FaultTolerance | undefined;
  /** Counts the sends under way. */
  readonly pending: PendingSends;
}

/** How many sends are under way, and a way to wait until none is. */
export class PendingSends {
  #count = 0;
  #idle: (() => void)[] = [];

  get count(): number {
    return this.#count;
  }

  begin(): void {
    this.#count++;
  }

  end(): void {
    if (--this.#count > 0 || this.#idle.length === 0) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }

  /** Resolves when nothing is under way. */
  async drained(): Promise<void> {
    if (this.#count === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }
}
