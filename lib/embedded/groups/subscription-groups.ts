import {
  subscriptionGroupConfig,
  type SubscriptionGroupConfig,
} from '../../../protocol/model/subscription-group.ts';

/** The settings of consumer groups on one broker. Java: `SubscriptionGroupManager`. */
export class SubscriptionGroups {
  readonly #configs = new Map<string, SubscriptionGroupConfig>();

  /** The group's settings; Java makes them at first sight (`autoCreateSubscriptionGroup`). */
  config(name: string): SubscriptionGroupConfig {
    const known = this.#configs.get(name);
    if (known !== undefined) return known;
    const made = subscriptionGroupConfig.of({
      groupName: name,
      groupRetryPolicy: { type: 'CUSTOMIZED' },
      attributes: new Map(),
    });
    this.#configs.set(name, made);
    return made;
  }

  has(name: string): boolean {
    return this.#configs.has(name);
  }

  put(config: SubscriptionGroupConfig): void {
    const { groupRetryPolicy = { type: 'CUSTOMIZED' }, attributes = new Map<string, string>() } = config;
    this.#configs.set(config.groupName, { ...config, groupRetryPolicy, attributes });
  }

  delete(name: string): void {
    this.#configs.delete(name);
  }

  all(): ReadonlyMap<string, SubscriptionGroupConfig> {
    return this.#configs;
  }
}
