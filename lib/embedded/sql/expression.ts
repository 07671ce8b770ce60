import { ProtocolError } from '../../../protocol/errors.ts';
import { compareValues, equalValues, isSqlNumber, type SqlValue } from './values.ts';

export type Properties = ReadonlyMap<string, string>;

/** A part of a filter expression. */
export interface SqlNode {
  /** `truth` can stand alone; a `property` is cast to one; a `constant` has its value in `constant`. */
  readonly kind: 'truth' | 'property' | 'constant' | 'other';
  readonly constant?: SqlValue;
  evaluate(properties: Properties): SqlValue;
}

const truth = (evaluate: (properties: Properties) => boolean | null): SqlNode => ({
  kind: 'truth',
  evaluate,
});

const refuse = (problem: string): ProtocolError => new ProtocolError('SQL92', problem);

export const constant = (value: SqlValue): SqlNode => ({
  kind: 'constant',
  constant: value,
  evaluate: () => value,
});

export const property = (name: string): SqlNode => ({
  kind: 'property',
  evaluate: (properties) => properties.get(name) ?? null,
});

export function negate(node: SqlNode): SqlNode {
  const turn = (value: SqlValue): SqlValue => (isSqlNumber(value) ? { ...value, value: -value.value } : null);
  return node.constant === undefined
    ? { kind: 'other', evaluate: (properties) => turn(node.evaluate(properties)) }
    : constant(turn(node.constant));
}

/** Java's `asBooleanExpression`: the text of a property is never true. */
function asTruth(node: SqlNode): (properties: Properties) => boolean | null {
  const isTruth = node.kind === 'truth' || typeof node.constant === 'boolean' || node.constant === null;
  if (!isTruth && node.kind !== 'property') throw refuse('the expression does not result in a truth value');
  return (properties) => {
    const value = node.evaluate(properties);
    return value === null ? null : value === true;
  };
}

export function not(node: SqlNode): SqlNode {
  const evaluate = asTruth(node);
  return truth((properties) => {
    const value = evaluate(properties);
    return value === null ? null : !value;
  });
}

/** Unknown only when the other side does not decide. */
export function and(left: SqlNode, right: SqlNode): SqlNode {
  const [first, second] = [asTruth(left), asTruth(right)];
  return truth((properties) => {
    const one = first(properties);
    if (one === false) return false;
    const two = second(properties);
    if (two === false) return false;
    return one === null || two === null ? null : true;
  });
}

/** Unknown only when the other side does not decide. */
export function or(left: SqlNode, right: SqlNode): SqlNode {
  const [first, second] = [asTruth(left), asTruth(right)];
  return truth((properties) => {
    const one = first(properties);
    if (one === true) return true;
    const two = second(properties);
    if (two === true) return true;
    return one === null || two === null ? null : false;
  });
}

export function equal(left: SqlNode, right: SqlNode): SqlNode {
  if (left.constant === null || right.constant === null) throw refuse('NULL cannot be compared; use IS NULL');
  if (typeof left.constant === 'boolean' && right.kind === 'constant' && typeof right.constant !== 'boolean')
    throw refuse('a truth value cannot be compared with another constant');
  return truth((properties) => equalValues(left.evaluate(properties), right.evaluate(properties)));
}

export const isNull = (node: SqlNode): SqlNode =>
  truth((properties) => equalValues(node.evaluate(properties), null));

const orders: Readonly<Record<string, (answer: number) => boolean>> = {
  '>': (answer) => answer > 0,
  '>=': (answer) => answer >= 0,
  '<': (answer) => answer < 0,
  '<=': (answer) => answer <= 0,
};

export function ordered(sign: string, left: SqlNode, right: SqlNode): SqlNode {
  for (const { kind, constant: value } of [left, right]) {
    if (kind === 'truth' || (kind === 'constant' && (value === undefined || !isSqlNumber(value))))
      throw refuse(`only numbers can be compared by ${sign}`);
  }
  return truth((properties) => {
    const [one, two] = [left.evaluate(properties), right.evaluate(properties)];
    return one === null || two === null ? null : orders[sign]?.(compareValues(one, two, true)) === true;
  });
}

export function between(node: SqlNode, low: SqlNode, high: SqlNode): SqlNode {
  const [least, most] = [low.constant, high.constant];
  if (
    least !== undefined &&
    most !== undefined &&
    isSqlNumber(least) &&
    isSqlNumber(most) &&
    least.value > most.value
  )
    throw refuse(`BETWEEN goes from ${least.value} down to ${most.value}`);
  return and(ordered('>=', node, low), ordered('<=', node, high));
}

export function notBetween(node: SqlNode, low: SqlNode, high: SqlNode): SqlNode {
  between(node, low, high);
  return or(ordered('<', node, low), ordered('>', node, high));
}

export function isIn(node: SqlNode, texts: readonly string[], negated: boolean): SqlNode {
  if (node.kind !== 'property') throw refuse('IN needs a property on its left');
  return truth((properties) => {
    const value = node.evaluate(properties);
    return typeof value === 'string' ? texts.includes(value) !== negated : null;
  });
}

/** CONTAINS, STARTSWITH, ENDSWITH: false, not unknown, without the property, negated or not. */
export function textTest(node: SqlNode, word: string, search: string, negated: boolean): SqlNode {
  const tests: Readonly<Record<string, (text: string) => boolean>> = {
    CONTAINS: (text) => text.includes(search),
    STARTSWITH: (text) => text.startsWith(search),
    ENDSWITH: (text) => text.endsWith(search),
  };
  return truth((properties) => {
    const value = node.evaluate(properties);
    return typeof value === 'string' && search !== '' && tests[word]?.(value) !== negated;
  });
}

/** Whether a message passes; an evaluation that fails does not let it pass. */
export function passes(node: SqlNode): (properties: Properties) => boolean {
  const evaluate = asTruth(node);
  return (properties) => {
    try {
      return evaluate(properties) === true;
    } catch (error) {
      if (error instanceof ProtocolError) return false;
      throw error;
    }
  };
}
