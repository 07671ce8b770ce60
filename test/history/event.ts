/**
 * What can be in a history.
 *
 * `send`: a producer sends. `deliver`: a listener is called. `done`: it says success. `back`: its message goes back to the broker.
 * `commit`: an offset reaches the broker. `first`: a member asked where to begin. `own+`, `own-`: a queue is gained or lost.
 * `lock`, `unlock`: queue locks. `up`, `down`: a process. `fault+`, `fault-`: something is broken, and whole again.
 * `reset`: an operator moves an offset. `queues`: the readable queues of a topic from now on. `stored`: the broker's store,
 * listed at the end. `health`: a count that should be back at 0. `quiet`: from here on nothing is sent or broken.
 */
export type Operation =
  | 'send'
  | 'deliver'
  | 'done'
  | 'back'
  | 'commit'
  | 'first'
  | 'own+'
  | 'own-'
  | 'lock'
  | 'unlock'
  | 'up'
  | 'down'
  | 'fault+'
  | 'fault-'
  | 'reset'
  | 'queues'
  | 'stored'
  | 'health'
  | 'quiet';

/** `invoke`: begun. `ok`: done. `fail`: surely not done. `unknown`: nobody knows. */
export type Phase = 'invoke' | 'ok' | 'fail' | 'unknown';

/** One line of a history. The checker knows nothing but these. */
export interface HistoryEvent {
  /** Milliseconds, by one clock for all processes. */
  readonly at: number;
  /** Client id of a member, or the name of a producer, a broker or the nemesis. */
  readonly process: string;
  readonly op: Operation;
  /** Of `send`, `back`, `up` and `down`. */
  readonly phase?: Phase;
  readonly topic?: string;
  /** `broker:id`. */
  readonly queue?: string;
  readonly offset?: number;
  /** What identifies a message over all its copies. */
  readonly value?: string;
  /** Distinguishes the ownerships of a queue by one member. */
  readonly epoch?: number;
  /** Of body, keys and properties. */
  readonly hash?: string;
  /** The kind of a fault, of an end (`left`, `crash`, `silent`), or the name of a health figure. */
  readonly kind?: string;
  /** Tells the faults of one kind apart. */
  readonly id?: number;
  /** Of a fault: how long its effects may last after it, ms. Of a `down`: the deadline it had. */
  readonly grace?: number;
  /** Of `up`: how many listeners the member runs at a time. Of `health`: the figure. */
  readonly count?: number;
  /** Of `deliver`: messages of the queue must not overlap. */
  readonly orderly?: boolean;
  /** Of `deliver`: the queue is handed over by the broker's lock, so that nobody else may be at work on it. */
  readonly locked?: boolean;
  /** Of `deliver`: when the broker made the copy that was popped. */
  readonly madeAt?: number;
  /** Of `queues`: all of them. */
  readonly queues?: readonly string[];
}

/** `topic/broker:id`. */
export const placeOf = ({ topic = '', queue = '' }: Pick<HistoryEvent, 'topic' | 'queue'>): string =>
  `${topic}/${queue}`;

/** One event, for people. */
export function describeEvent(event: HistoryEvent): string {
  const { at, process, op, phase, topic, queue, offset, value, epoch, kind, id, count, queues } = event;
  const where = queue === undefined ? topic : `${topic ?? ''}/${queue}`;
  const parts = [
    at.toFixed(1).padStart(10),
    process.padEnd(12),
    op + (phase === undefined ? '' : `:${phase}`),
    kind,
    id === undefined ? undefined : `#${id}`,
    where,
    offset === undefined ? undefined : `@${offset}`,
    value,
    epoch === undefined ? undefined : `epoch ${epoch}`,
    count === undefined ? undefined : `= ${count}`,
    queues?.join(','),
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}
