import type { HistoryEvent } from './event.ts';

type Extra = Partial<HistoryEvent>;

const topic = 'T';

/** Writes histories by hand: each call adds an event at the present time; `at` moves it. */
export class Scene {
  readonly events: HistoryEvent[] = [];
  #now = 0;

  at(ms: number): this {
    this.#now = ms;
    return this;
  }

  add(process: string, op: HistoryEvent['op'], extra: Extra = {}): this {
    this.events.push({ at: this.#now, process, op, ...extra });
    return this;
  }

  /** An acknowledged message. */
  sent(value: string, queue: string, offset: number, extra: Extra = {}): this {
    return this.add('producer', 'send', { phase: 'invoke', topic, value, ...extra }).add('producer', 'send', {
      phase: 'ok',
      topic,
      queue,
      offset,
      value,
    });
  }

  deliver(process: string, value: string, queue: string, offset: number, extra: Extra = {}): this {
    return this.add(process, 'deliver', { topic, queue, offset, value, epoch: 1, ...extra });
  }

  done(process: string, queue: string, offset: number, extra: Extra = {}): this {
    return this.add(process, 'done', { topic, queue, offset, epoch: 1, ...extra });
  }

  /** Delivered and done at the same moment. */
  consume(process: string, value: string, queue: string, offset: number, extra: Extra = {}): this {
    return this.deliver(process, value, queue, offset, extra).done(process, queue, offset, extra);
  }

  commit(process: string, queue: string, offset: number): this {
    return this.add(process, 'commit', { topic, queue, offset });
  }

  own(process: string, ...queues: string[]): this {
    for (const queue of queues) this.add(process, 'own+', { topic, queue });
    return this;
  }

  lose(process: string, queue: string, epoch = 1): this {
    return this.add(process, 'own-', { topic, queue, epoch });
  }

  up(...processes: string[]): this {
    for (const process of processes)
      this.add(process, 'up', { phase: 'invoke' }).add(process, 'up', { phase: 'ok' });
    return this;
  }

  queues(...queues: string[]): this {
    return this.add('cluster', 'queues', { topic, queues });
  }

  quiet(): this {
    return this.add('test', 'quiet');
  }
}
