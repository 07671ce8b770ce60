import { countSends, type SendCounts } from './checker.ts';
import type { HistoryEvent } from './event.ts';
import { passedOver } from './per-timeline.ts';
import { MEMBERSHIP } from './rules/duplicates.ts';
import { honestProducer, integrity, noLoss, noPhantom, offsetsAgree } from './rules/messages.ts';
import { givesBack } from './rules/progress.ts';
import { Timeline, type CheckLimits, type Delivery } from './timeline.ts';
import { explainViolation, type Rule, type Violation } from './violation.ts';

/** An acknowledgement leaves within this, and may need as long on its way, ms. */
const ACKNOWLEDGED = 1_000;

/** What a run of a group that pops came to. */
export interface PopReport {
  readonly violations: readonly Violation[];
  /** `repeats`: second deliveries. */
  readonly counts: SendCounts & { readonly repeats: number };
  readonly text: string;
}

/** V5 of groups that pop: a message whose listener was through in time comes to nobody again, unless its acknowledgement had no chance to arrive. */
export const acknowledgedOnce: Rule = (timeline) => {
  const expired = new Set(
    timeline.of('back').flatMap(({ kind, value }) => (kind === 'expired' ? [value] : [])),
  );
  return [...timeline.byValue].flatMap(([value, deliveries]): Violation[] =>
    deliveries.slice(1).flatMap((again, index): Violation[] => {
      const before = deliveries
        .slice(0, index + 1)
        .find((each) => each.end?.op === 'done' && each.end.at <= again.event.at);
      if (before?.end === undefined || expired.has(value) || hadNoChance(timeline, before, again)) return [];
      const text = `${value} came again to ${again.member} after ${before.member} was through with it`;
      return [{ rule: 'V5', text, evidence: [before.event, before.end, again.event] }];
    }),
  );
};

function hadNoChance(timeline: Timeline, before: Delivery, again: Delivery): boolean {
  const done = before.end?.at ?? 0;
  const isTroubled = timeline.isDisturbed(
    before.event.at,
    again.event.at,
    ({ kind }) => !MEMBERSHIP.has(kind),
  );
  const down = timeline.lifeOf(before.member, before.event.at)?.down ?? Infinity;
  // Already on its way to somebody else: the broker had made the copy before it could hear that this listener was through.
  const madeAt = again.event.madeAt ?? again.event.at;
  return isTroubled || down <= done + ACKNOWLEDGED || madeAt <= done + ACKNOWLEDGED;
}

/** V9 of groups that pop in order: a message is delivered only when all before it in its queue are done, or dead. */
export const poppedInOrder: Rule = (timeline) => {
  const dead = new Set(
    timeline.of('stored').flatMap(({ topic, value }) => (topic?.startsWith('%DLQ%') === true ? [value] : [])),
  );
  return [...timeline.byPlace].flatMap(([place, deliveries]): Violation[] => {
    const done = new Map<number, number>();
    for (const { offset, end } of deliveries) {
      if (end?.op === 'done') done.set(offset, Math.min(done.get(offset) ?? Infinity, end.at));
    }
    const values = new Map(deliveries.map(({ offset, event }) => [offset, event.value]));
    const passed = passedOver(timeline).get(place) ?? [];
    return deliveries.flatMap((delivery): Violation[] => {
      const { at } = delivery.event;
      for (let offset = 0; offset < delivery.offset; offset++) {
        if ((done.get(offset) ?? Infinity) <= at || dead.has(values.get(offset))) continue;
        // An operator has passed over it; who had popped it before may still consume it.
        if (passed.some((event) => event.at <= at && (event.offset ?? 0) > offset)) continue;
        const open = deliveries.find((each) => each.offset === offset)?.event;
        const text = `${place}: ${delivery.offset} was delivered before ${offset} was done`;
        return [
          { rule: 'V9', text, evidence: open === undefined ? [delivery.event] : [open, delivery.event] },
        ];
      }
      return [];
    });
  });
};

/** Judges a history of a group that pops: what holds of all groups, and instead of ownerships and positions what was acknowledged. */
export function checkPopHistory(
  events: readonly HistoryEvent[],
  isOrderly: boolean,
  limits: Partial<CheckLimits> = {},
): PopReport {
  const timeline = new Timeline(events, limits);
  const rules = [noLoss, noPhantom, offsetsAgree, integrity, honestProducer, givesBack, acknowledgedOnce];
  const violations = [...rules, ...(isOrderly ? [poppedInOrder] : [])].flatMap((rule) => rule(timeline));
  const text = violations
    .slice(0, 8)
    .map((violation) => explainViolation(timeline, violation))
    .join('\n\n');
  const repeats = [...timeline.byValue.values()].reduce((sum, { length }) => sum + length - 1, 0);
  return { violations, counts: { ...countSends(timeline), repeats }, text };
}
