import { InvalidOptionError } from '../errors.ts';
import type { BrokerOptions } from './embedded-options.ts';
import { BrokerNode } from './broker-node.ts';
import type { BrokerState } from './broker-state.ts';
import type { RegisteredBroker } from './registry.ts';
import type { ServerContext } from './server-context.ts';
import type { TopicConfig } from './topics.ts';

/** A master broker with its slaves, as one name stands for them. */
export class EmbeddedBroker implements RegisteredBroker {
  readonly name: string;
  readonly master: BrokerNode;
  readonly slaves: readonly BrokerNode[];

  constructor(name: string, context: ServerContext, options: BrokerOptions) {
    this.name = name;
    this.master = new BrokerNode(name, context, { advertised: options.advertisedAddress });
    this.slaves = Array.from({ length: options.slaves ?? 0 }, () => {
      return new BrokerNode(name, context, { master: this.master.state });
    });
  }

  get state(): BrokerState {
    return this.master.state;
  }

  /** Master first. */
  get nodes(): readonly BrokerNode[] {
    return [this.master, ...this.slaves];
  }

  get isRegistered(): boolean {
    return this.nodes.some((node) => node.isRegistered);
  }

  get addresses(): ReadonlyMap<number, string> {
    const registered = this.nodes.filter((node) => node.isRegistered);
    return new Map(registered.map((node) => [node.state.brokerId, node.address]));
  }

  topic(name: string): TopicConfig | undefined {
    return this.state.topics.get(name);
  }

  topics(): Iterable<TopicConfig> {
    return this.state.topics.all();
  }

  /** The master or a slave. */
  node(brokerId: number): BrokerNode {
    const node = this.nodes[brokerId];
    if (node !== undefined) return node;
    throw new InvalidOptionError('brokerId', `is ${brokerId}; ${this.name} has ${this.slaves.length} slaves`);
  }

  async start(port: number): Promise<void> {
    await this.master.start(port);
    for (const slave of this.slaves) await slave.start(0);
  }

  async stop(leaveRoute: boolean): Promise<void> {
    await Promise.all(this.nodes.map(async (node) => node.stop(leaveRoute)));
  }
}
