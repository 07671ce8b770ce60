import type { TopicConfig } from './topics.ts';

/** A master and its slaves as the name servers know them. */
export interface RegisteredBroker {
  readonly name: string;
  /** By broker id; 0 is the master. Those that are stopped are not there. */
  readonly addresses: ReadonlyMap<number, string>;
  topic(name: string): TopicConfig | undefined;
  topics(): Iterable<TopicConfig>;
}

/** All that the name servers know, at once and alike: registration takes no time here. */
export type Registry = () => readonly RegisteredBroker[];
