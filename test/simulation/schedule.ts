import fc from 'fast-check';

/** How the listeners of a group work. */
export const LISTENERS = ['sync', 'quick', 'slow', 'failing', 'mixed'] as const;
export type ListenerKind = (typeof LISTENERS)[number];

/** How queues go from one member to another, and how their messages are consumed. */
export const MODES = ['immediate', 'locked', 'orderly'] as const;
export type Mode = (typeof MODES)[number];

/** Of groups that pop: they have suites of their own, as no queue has an owner there. */
export type PopMode = 'pop' | 'orderlyPop';

/** Changes of membership, and work: nothing of these is a fault. */
export const CALM_EVENTS = ['join', 'leave', 'crash', 'burst', 'wake'] as const;

/** Everything that can happen. */
export const EVENTS = [
  ...CALM_EVENTS,
  'silent',
  'freeze',
  'noticeLost',
  'noticeLate',
  'noticeTwice',
  'listStale',
  'listPartial',
  'listEmpty',
  'queues',
  'answerLate',
  'answerTwice',
  'requestLate',
  'pullLate',
  'commitLost',
  'commitRefused',
  'reset',
  'listenerSlow',
  'listenerFailing',
  'brokerRestart',
  'nameServerGone',
  'connectionReset',
  'slowNetwork',
  'partition',
] as const;

/** Only where there are locks. */
export const LOCK_EVENTS = ['lockRefused', 'lockLate'] as const;
export type EventKind = (typeof EVENTS)[number] | (typeof LOCK_EVENTS)[number];

/** One thing that happens. `a` and `b` choose whom it concerns and how much, from 0 up to but not 1. */
export interface ScheduledEvent {
  /** Milliseconds since the beginning. */
  readonly at: number;
  readonly kind: EventKind;
  /** Milliseconds. */
  readonly lasts: number;
  readonly a: number;
  readonly b: number;
}

/** One run, completely. */
export interface Schedule {
  readonly seed: number;
  readonly members: number;
  readonly queues: number;
  readonly brokers: number;
  /** Milliseconds that a piece of data takes at most, one way. */
  readonly latency: number;
  readonly listener: ListenerKind;
  /** Of all members. Default immediate. */
  readonly mode?: Mode | PopMode;
  /** Messages per second. */
  readonly rate: number;
  readonly events: readonly ScheduledEvent[];
}

/** Milliseconds in which things happen; then there is quiet. */
export const ACTIVE = 25_000;

const small = (max: number, usual: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 7, arbitrary: fc.integer({ min: 1, max: usual }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max }) },
  );

const share = fc.integer({ min: 0, max: 99 }).map((percent) => percent / 100);

const eventOf = (kinds: readonly EventKind[]): fc.Arbitrary<ScheduledEvent> =>
  fc.record({
    at: fc.integer({ min: 0, max: ACTIVE }),
    kind: fc.constantFrom(...kinds),
    lasts: fc.integer({ min: 50, max: 9_000 }),
    a: share,
    b: share,
  });

const isFault = (kind: EventKind): boolean => !CALM_EVENTS.some((calm) => calm === kind);

/** Two fifths know no faults but changes of membership, one fifth a single kind of fault and no such changes: in those the bounds are the tightest. */
const eventsOf = (kinds: readonly EventKind[]): fc.Arbitrary<readonly ScheduledEvent[]> =>
  fc
    .oneof(
      { weight: 2, arbitrary: fc.array(eventOf(CALM_EVENTS), { minLength: 10, maxLength: 14 }) },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom(...kinds.filter(isFault))
          .chain((fault) => fc.array(eventOf(['wake', 'burst', fault]), { minLength: 10, maxLength: 14 })),
      },
      { weight: 2, arbitrary: fc.array(eventOf(kinds), { minLength: 10, maxLength: 16 }) },
    )
    .map((list) => list.toSorted((one, other) => one.at - other.at));

const group = {
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  members: small(16, 4),
  queues: small(64, 8),
  brokers: fc.integer({ min: 1, max: 3 }),
  latency: fc.constantFrom(0, 1, 1, 5, 20),
  listener: fc.constantFrom(...LISTENERS),
  rate: fc.integer({ min: 1, max: 6 }),
};

/** Which schedules: of groups with the soft hand-over of Java's clients, of groups that use locks, or either. */
export type ScheduleKind = 'soft' | 'locked' | 'mixed';

const everything = [...EVENTS, ...LOCK_EVENTS];

/** Members 1 to 16, queues 1 to 64, brokers 1 to 3, a dozen events. */
export const scheduleArbitraries: Readonly<Record<ScheduleKind, fc.Arbitrary<Schedule>>> = {
  soft: fc.record({ ...group, events: eventsOf(EVENTS) }),
  locked: fc.record({
    ...group,
    mode: fc.constantFrom('locked', 'orderly'),
    events: eventsOf(everything),
  }),
  mixed: fc.record({
    ...group,
    mode: fc.oneof(
      { weight: 3, arbitrary: fc.constant('immediate' as const) },
      { weight: 2, arbitrary: fc.constantFrom('locked' as const, 'orderly' as const) },
    ),
    events: eventsOf(everything),
  }),
};
