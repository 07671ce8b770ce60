import { ProtocolError } from '../../../protocol/errors.ts';

/** One word of a filter expression. */
export type SqlToken =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number; readonly isFloat: boolean }
  | { readonly kind: 'sign'; readonly text: string }
  | { readonly kind: 'end' };

const patterns = [
  ['skip', /(?:\s+|--[^\n\r]*|\/\*[\s\S]*?\*\/)/y],
  ['number', /(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?|\d+[lL]?/y],
  ['string', /'(?:[^']|'')*'/y],
  ['word', /[A-Za-z_$][A-Za-z0-9_$]*/y],
  ['sign', /<>|<=|>=|[=<>(),+-]/y],
] as const;

/** Cuts an SQL92 filter expression into words. Throws a `ProtocolError` at what is none. */
export function sqlTokens(expression: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  let at = 0;
  while (at < expression.length) {
    const [kind, text] = match(expression, at);
    at += text.length;
    if (kind === 'number')
      tokens.push({ kind, value: Number(text.replace(/[lL]$/, '')), isFloat: /[.eE]/.test(text) });
    else if (kind === 'string') tokens.push({ kind, text: text.slice(1, -1).replaceAll("''", "'") });
    else if (kind !== 'skip') tokens.push({ kind, text });
  }
  tokens.push({ kind: 'end' });
  return tokens;
}

function match(expression: string, at: number): [(typeof patterns)[number][0], string] {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(expression);
    if (found !== null && found[0] !== '') return [kind, found[0]];
  }
  throw new ProtocolError('SQL92', `cannot read ${JSON.stringify(expression.slice(at, at + 20))}`);
}
