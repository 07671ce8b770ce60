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

  /** A send that is not acknowledged. */
  tried(value: string, phase: 'fail' | 'unknown'): this {
    return this.add('producer', 'send', { phase: 'invoke', value }).add('producer', 'send', { phase, value });
  }

  /** What the broker holds at the end. */
  stored(value: string, queue: string, offset: number, where = topic): this {
    return this.add('broker', 'stored', { topic: where, queue, offset, value });
  }

  reset(queue: string, offset: number): this {
    return this.add('admin', 'reset', { topic, queue, offset });
  }

  fault(kind: string, extra: Extra = {}): this {
    return this.add('nemesis', 'fault+', { kind, ...extra });
  }

  /** Its message goes back to the broker, or does not get there. */
  back(process: string, queue: string, offset: number, phase: 'invoke' | 'fail'): this {
    return this.add(process, 'back', { phase, topic, queue, offset, epoch: 1 });
  }

  /** A shutdown begins. */
  leaving(process: string, grace?: number): this {
    return this.add(process, 'down', { phase: 'invoke', ...(grace !== undefined && { grace }) });
  }

  /** It is over. */
  left(process: string, grace?: number): this {
    return this.add(process, 'down', { phase: 'ok', kind: 'left', ...(grace !== undefined && { grace }) });
  }

  /** The process is no more; brokers see it, or do not. */
  died(process: string, kind: 'crash' | 'silent'): this {
    return this.add(process, 'down', { kind });
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
