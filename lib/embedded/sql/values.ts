import { ProtocolError } from '../../../protocol/errors.ts';

/** A number of an expression; Java's `Long` and `Double` read texts differently. */
export interface SqlNumber {
  readonly value: number;
  readonly isFloat: boolean;
}

/** What a part of an expression comes to; null is unknown. */
export type SqlValue = string | boolean | SqlNumber | null;

export const isSqlNumber = (value: SqlValue): value is SqlNumber =>
  typeof value === 'object' && value !== null;

/** Java's `valueOf`: a text that is no such number ends the evaluation, and the message does not match. */
function numberOf(text: string, isFloat: boolean): number {
  const value = Number(text);
  const fits = isFloat ? text.trim() !== '' && !Number.isNaN(value) : /^[+-]?\d+$/.test(text);
  if (!fits) throw new ProtocolError('SQL92', `${JSON.stringify(text)} is not a number`);
  return value;
}

/** Below 0, 0 or above 0, as Java's `ComparisonExpression.compare`. */
export function compareValues(left: SqlValue, right: SqlValue, ordered: boolean): number {
  if (typeof left === 'string' && typeof right === 'string')
    return ordered
      ? numberOf(left, true) - numberOf(right, true)
      : Number(left > right) - Number(left < right);
  if (isSqlNumber(left) && isSqlNumber(right)) return left.value - right.value;
  if (typeof left === 'string' && isSqlNumber(right)) return numberOf(left, right.isFloat) - right.value;
  if (isSqlNumber(left) && typeof right === 'string') return left.value - numberOf(right, left.isFloat);
  if (typeof left === 'string') return Number(left.toLowerCase() === 'true') - Number(right);
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  if (typeof right === 'string')
    throw new ProtocolError('SQL92', 'a truth value cannot be compared with a text');
  return -1;
}

/** Java's `ComparisonExpression.doCreateEqual`. */
export function equalValues(left: SqlValue, right: SqlValue): boolean | null {
  if (left === null) return right === null ? true : null;
  if (right === null) return false;
  return compareValues(left, right, false) === 0;
}
