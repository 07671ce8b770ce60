import type { Logger } from '../../logger.ts';
import type { ConsumerLife } from '../consumer-life.ts';
import type { LiteEngine } from './lite-engine.ts';

/** Tells a running consumer that something else is wanted; before `start` there is nobody to tell. Failures are made up for by the next heartbeat and rebalance. */
export class SelectionChanges {
  readonly #life: ConsumerLife<LiteEngine>;
  readonly #logger: Logger;

  constructor(life: ConsumerLife<LiteEngine>, logger: Logger) {
    this.#life = life;
    this.#logger = logger;
  }

  /** Topics were added or removed, by name or with their queues. */
  topics(added: readonly string[], removed: readonly string[] = []): void {
    const { instance, engine, signal } = this.#life;
    if (engine === undefined) return;
    for (const topic of removed) instance?.routes.release(topic);
    this.#inBackground(engine.selectionChanged(added, signal));
  }

  /** A topic is wanted with another filter. */
  filter(topic: string): void {
    const { engine, signal } = this.#life;
    if (engine !== undefined) this.#inBackground(engine.filterChanged(topic, signal));
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.#life.signal.aborted) this.#logger.warn({ error }, 'Change of what is read is told later');
    });
  }
}
