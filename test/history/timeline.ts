import { placeOf, type HistoryEvent } from './event.ts';

/** Bounds of the checker, in ms. */
export interface CheckLimits {
  /** A group agrees again so long after a join, a leave or a seen crash. Default 1_000. */
  readonly convergence: number;
  /** The same after a member crashed: where it had locks, they have to end first. Default 1_000. */
  readonly crash: number;
  /** The same after a member vanished without a word. Default 150_000. */
  readonly silent: number;
  /** The same after the queues of a topic changed: the route is polled. Default 31_000 (30 s and the rest of a run). */
  readonly route: number;
  /** What a fault that names no grace may still do afterwards. Default 21_000. */
  readonly grace: number;
  /** A queue with messages, an owner and no trouble moves within this. Default 5_000. */
  readonly progress: number;
  /** No queue is without an owner for longer, whatever happens, while a member lives. Default 152_000. */
  readonly gap: number;
  /** Clocks and order of writing between processes. Default 0. */
  readonly skew: number;
}

export const DEFAULT_LIMITS: CheckLimits = {
  convergence: 1_000,
  crash: 1_000,
  silent: 150_000,
  route: 31_000,
  grace: 21_000,
  progress: 5_000,
  gap: 152_000,
  skew: 0,
};

/** A delivery and what became of it. */
export interface Delivery {
  readonly event: HistoryEvent;
  readonly place: string;
  readonly offset: number;
  readonly member: string;
  readonly epoch: number;
  /** When the listener was through; undefined if never. */
  end: HistoryEvent | undefined;
  /** Whether the message needs no delivery of this offset any more: done, or back at the broker. */
  settledAt: number | undefined;
}

/** A time in which things may be out of order. */
export interface Disturbance {
  readonly from: number;
  readonly to: number;
  readonly kind: string;
  readonly process: string;
}

/** A send and its outcome. */
export interface Send {
  readonly invoke: HistoryEvent;
  outcome: HistoryEvent | undefined;
}

/** From when to when a process lived, and how it ended. */
export interface Life {
  readonly process: string;
  readonly invoked: number;
  up: number | undefined;
  /** When its end began. */
  leaving: number | undefined;
  down: number | undefined;
  end: string | undefined;
  /** How long its listeners had when it left, ms; undefined if that is not known. */
  patience: number | undefined;
  readonly concurrency: number;
}

/** A history, sorted and indexed for the rules. */
export class Timeline {
  readonly events: readonly HistoryEvent[];
  readonly limits: CheckLimits;
  readonly sends = new Map<string, Send>();
  readonly deliveries: Delivery[] = [];
  readonly byPlace = new Map<string, Delivery[]>();
  readonly byValue = new Map<string, Delivery[]>();
  readonly commits = new Map<string, HistoryEvent[]>();
  readonly lives: Life[] = [];
  readonly disturbances: Disturbance[] = [];
  readonly end: number;
  readonly #byOperation = new Map<HistoryEvent['op'], HistoryEvent[]>();

  constructor(events: readonly HistoryEvent[], limits: Partial<CheckLimits> = {}) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    // Stable: what one process wrote at one moment stays in its order.
    this.events = events.toSorted((a, b) => a.at - b.at);
    this.end = this.events.at(-1)?.at ?? 0;
    const open = new Map<string, Delivery>();
    for (const event of this.events) this.#take(event, open);
    this.#findDisturbances();
  }

  /** Whether something was out of order between two moments; of all, or of what `about` picks. */
  isDisturbed(from: number, to: number, about?: (disturbance: Disturbance) => boolean): boolean {
    return this.disturbances.some(
      (each) => each.from <= to && each.to >= from && (about === undefined || about(each)),
    );
  }

  /** Events of one operation. */
  of(op: HistoryEvent['op']): readonly HistoryEvent[] {
    return this.#byOperation.get(op) ?? none;
  }

  lifeOf(process: string, at: number): Life | undefined {
    return this.lives.findLast((life) => life.process === process && life.invoked <= at);
  }

  #take(event: HistoryEvent, open: Map<string, Delivery>): void {
    const { op, process, phase } = event;
    push(this.#byOperation, op, event);
    if (op === 'send' && event.value !== undefined) this.#send(event, event.value);
    else if (op === 'deliver') this.#deliver(event, open);
    else if (op === 'done' || op === 'back') settle(event, open);
    else if (op === 'commit') push(this.commits, placeOf(event), event);
    else if (op === 'up') {
      if (phase !== 'ok') this.lives.push(newLife(event));
      else this.#lifeFor(event).up = event.at;
    } else if (op === 'down') {
      const life = this.lives.findLast((each) => each.process === process);
      if (life === undefined) return;
      life.leaving ??= event.at;
      if (phase === 'invoke') {
        life.patience = event.grace;
        return;
      }
      life.down = event.at;
      life.end = event.kind ?? 'left';
    }
  }

  #lifeFor(event: HistoryEvent): Life {
    const known = this.lives.findLast((life) => life.process === event.process);
    if (known !== undefined && known.up === undefined) return known;
    const life = newLife(event);
    this.lives.push(life);
    return life;
  }

  #send(event: HistoryEvent, value: string): void {
    const send = this.sends.get(value);
    if (send === undefined)
      this.sends.set(value, { invoke: event, outcome: isOutcome(event) ? event : undefined });
    else if (isOutcome(event)) send.outcome = event;
  }

  #deliver(event: HistoryEvent, open: Map<string, Delivery>): void {
    const place = placeOf(event);
    const delivery: Delivery = {
      event,
      place,
      offset: event.offset ?? -1,
      member: event.process,
      epoch: event.epoch ?? 0,
      end: undefined,
      settledAt: undefined,
    };
    this.deliveries.push(delivery);
    push(this.byPlace, place, delivery);
    if (event.value !== undefined) push(this.byValue, event.value, delivery);
    open.set(keyOf(event), delivery);
  }

  #findDisturbances(): void {
    const { convergence, crash, silent, route, grace } = this.limits;
    const add = (from: number, to: number, kind: string, process: string): void => {
      this.disturbances.push({ from, to, kind, process });
    };
    for (const { process, invoked, up, leaving, down, end } of this.lives) {
      add(invoked, (up ?? down ?? this.end) + convergence, 'join', process);
      if (leaving === undefined) continue;
      const bound = end === 'silent' ? silent : end === 'crash' ? crash : convergence;
      add(leaving, (down ?? this.end) + bound, end ?? 'left', process);
    }
    const open = new Map<string, HistoryEvent>();
    const topics = new Set<string>();
    for (const event of this.events.filter(({ op }) => TROUBLES.has(op))) {
      const key = `${event.kind ?? ''}#${event.id ?? 0}`;
      if (event.op === 'fault+') open.set(key, event);
      else if (event.op === 'fault-') {
        const begin = open.get(key);
        if (begin !== undefined)
          add(begin.at, event.at + (begin.grace ?? grace), begin.kind ?? '', begin.process);
        open.delete(key);
      } else if (event.op === 'reset') add(event.at, event.at + grace, 'reset', placeOf(event));
      else if (event.op === 'queues') {
        const topic = event.topic ?? '';
        if (topics.has(topic)) add(event.at, event.at + route, 'route', topic);
        topics.add(topic);
      }
    }
    for (const begin of open.values()) add(begin.at, Infinity, begin.kind ?? '', begin.process);
    this.disturbances.sort((a, b) => a.from - b.from);
  }
}

const TROUBLES: ReadonlySet<HistoryEvent['op']> = new Set(['fault+', 'fault-', 'reset', 'queues']);

const isOutcome = ({ phase }: HistoryEvent): boolean => phase !== undefined && phase !== 'invoke';

const keyOf = (event: HistoryEvent): string =>
  `${event.process} ${placeOf(event)} ${event.offset ?? -1} ${event.epoch ?? 0}`;

const newLife = ({ process, at, count = 20 }: HistoryEvent): Life => ({
  process,
  invoked: at,
  up: undefined,
  leaving: undefined,
  down: undefined,
  end: undefined,
  patience: undefined,
  concurrency: count,
});

/** A listener's verdict, or the broker's answer to a message that was sent back. */
function settle(event: HistoryEvent, open: Map<string, Delivery>): void {
  const delivery = open.get(keyOf(event));
  if (delivery === undefined) return;
  if (event.op === 'done') {
    delivery.end ??= event;
    delivery.settledAt ??= event.at;
    return;
  }
  // The listener ends when it asks for that; whether the broker got it shows at the end, when the copy must have come.
  delivery.end ??= event;
  if (event.phase === 'fail') delivery.settledAt = undefined;
  else delivery.settledAt ??= event.at;
}

const none: readonly HistoryEvent[] = [];

/** Lists by a key of each item. */
export function groupBy<K, T>(items: Iterable<T>, keyOfItem: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) push(groups, keyOfItem(item), item);
  return groups;
}

function push<K, T>(map: Map<K, T[]>, key: K, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
