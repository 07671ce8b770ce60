import { localMoment } from '../runtime/clock.ts';

const compactTime = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/;

/** A moment as users write it: a `Date`, milliseconds since the epoch, or `yyyyMMddHHmmss` in local time, as Java has it. Undefined if it is none of these. */
export function readConsumeTimestamp(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (
    typeof value === 'object' &&
    value !== null &&
    'getTime' in value &&
    typeof value.getTime === 'function'
  ) {
    return readConsumeTimestamp((value.getTime as () => unknown).call(value));
  }
  const parts = typeof value === 'string' ? compactTime.exec(value) : null;
  if (parts === null) return undefined;
  const [year = 0, month = 1, day = 1, hour, minute, second] = parts.slice(1).map(Number);
  return localMoment(year, month, day, hour, minute, second);
}
