import { ProtocolError } from '../../../protocol/errors.ts';
import {
  and,
  between,
  constant,
  equal,
  isIn,
  isNull,
  negate,
  not,
  notBetween,
  or,
  ordered,
  passes,
  property,
  type Properties,
  type SqlNode,
  textTest,
} from './expression.ts';
import { type SqlToken, sqlTokens } from './tokens.ts';

/**
 * Compiles an SQL92 filter as a broker does. Java's parser takes the longest beginning that makes sense and does not
 * look at the rest; so does this one. Java: `SqlFilter`, `SelectorParser`.
 *
 * @param hasTextTests whether CONTAINS, STARTSWITH and ENDSWITH are known; to 4.9 they are not
 * @throws ProtocolError when there is no such beginning, or when a comparison can never be right
 */
export function compileSql(expression: string, hasTextTests = true): (properties: Properties) => boolean {
  return passes(new Parser(sqlTokens(expression), hasTextTests).or());
}

const keywords = new Set([
  'AND',
  'OR',
  'NOT',
  'IS',
  'NULL',
  'TRUE',
  'FALSE',
  'BETWEEN',
  'IN',
  'CONTAINS',
  'STARTSWITH',
  'ENDSWITH',
]);
const textTests = ['CONTAINS', 'STARTSWITH', 'ENDSWITH'];

class Parser {
  readonly #tokens: readonly SqlToken[];
  readonly #tests: readonly string[];
  #at = 0;

  constructor(tokens: readonly SqlToken[], hasTextTests: boolean) {
    this.#tokens = tokens;
    this.#tests = [...(hasTextTests ? textTests : []), 'BETWEEN', 'IN'];
  }

  or(): SqlNode {
    let left = this.#and();
    while (this.#take('OR')) left = or(left, this.#and());
    return left;
  }

  #and(): SqlNode {
    let left = this.#equality();
    while (this.#take('AND')) left = and(left, this.#equality());
    return left;
  }

  #equality(): SqlNode {
    let left = this.#comparison();
    for (;;) {
      if (this.#take('=')) left = equal(left, this.#comparison());
      else if (this.#take('<>')) left = not(equal(left, this.#comparison()));
      else if (this.#take('IS', 'NULL')) left = isNull(left);
      else if (this.#take('IS', 'NOT', 'NULL')) left = not(isNull(left));
      else return left;
    }
  }

  #comparison(): SqlNode {
    let left = this.#unary();
    for (;;) {
      const next = this.#relation(left);
      if (next === undefined) return left;
      left = next;
    }
  }

  #relation(left: SqlNode): SqlNode | undefined {
    for (const sign of ['>', '>=', '<', '<='])
      if (this.#take(sign)) return ordered(sign, left, this.#unary());
    const negated = this.#word(0) === 'NOT';
    const word = this.#word(negated ? 1 : 0);
    if (!this.#tests.includes(word)) {
      if (negated) throw this.#unexpected(this.#at);
      return undefined;
    }
    this.#at += negated ? 2 : 1;
    if (word === 'IN') return isIn(left, this.#list(), negated);
    if (word !== 'BETWEEN') return textTest(left, word, this.#string(), negated);
    const low = this.#unary();
    this.#expect('AND');
    return negated ? notBetween(left, low, this.#unary()) : between(left, low, this.#unary());
  }

  #unary(): SqlNode {
    if (this.#take('+')) return this.#unary();
    if (this.#take('-')) return negate(this.#unary());
    if (this.#take('NOT')) return not(this.#unary());
    return this.#primary();
  }

  #primary(): SqlNode {
    if (this.#take('(')) {
      const inner = this.or();
      this.#expect(')');
      return inner;
    }
    if (this.#take('TRUE')) return constant(true);
    if (this.#take('FALSE')) return constant(false);
    if (this.#take('NULL')) return constant(null);
    const token = this.#tokens[this.#at];
    this.#at++;
    if (token?.kind === 'number') return constant({ value: token.value, isFloat: token.isFloat });
    if (token?.kind === 'string') return constant(token.text);
    if (token?.kind === 'word' && !keywords.has(token.text.toUpperCase())) return property(token.text);
    throw this.#unexpected(this.#at - 1);
  }

  #list(): string[] {
    this.#expect('(');
    const texts = [this.#string()];
    while (this.#take(',')) texts.push(this.#string());
    this.#expect(')');
    return texts;
  }

  #string(): string {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'string') throw this.#unexpected(this.#at);
    this.#at++;
    return token.text;
  }

  /** Takes all these words or signs, or nothing. */
  #take(...words: string[]): boolean {
    if (!words.every((word, index) => this.#word(index) === word)) return false;
    this.#at += words.length;
    return true;
  }

  #expect(word: string): void {
    if (!this.#take(word)) throw this.#unexpected(this.#at);
  }

  /** Upper-case text of a coming word or sign. */
  #word(ahead: number): string {
    const token = this.#tokens[this.#at + ahead];
    return token?.kind === 'word' || token?.kind === 'sign' ? token.text.toUpperCase() : '';
  }

  #unexpected(at: number): ProtocolError {
    const token = this.#tokens[at];
    const seen =
      token === undefined || token.kind === 'end'
        ? 'its end'
        : JSON.stringify('text' in token ? token.text : token.value);
    return new ProtocolError('SQL92', `the expression does not make sense at ${seen}`);
  }
}
