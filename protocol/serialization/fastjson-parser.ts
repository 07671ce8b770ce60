import { ProtocolError } from '../errors.ts';

/** Deeper documents are refused: no body of the protocol nests more than a dozen levels. */
const maxDepth = 100;

/** More members and elements than any broker's tables have; each costs some fifty bytes here, whatever it costs in the text. */
const maxValues = 2_000_000;

const number = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;
const integerKey = /-?\d+/y;

/** Recursive-descent parser of the JSON dialect of fastjson 1.x; see `parseFastjson`. */
export class FastjsonParser {
  readonly #text: string;
  readonly #where: string;
  #at = 0;
  #depth = 0;
  #values = 0;

  /** Whether an object with a `$ref` member was seen, and references must be resolved. */
  hasReferences = false;

  constructor(text: string, where: string) {
    this.#text = text;
    this.#where = where;
  }

  parse(): unknown {
    const value = this.#value();
    this.#skipBlanks();
    if (this.#at < this.#text.length) throw this.#unexpected('the end of the text');
    return value;
  }

  #value(): unknown {
    if (++this.#values > maxValues) throw new ProtocolError(this.#where, `has more than ${maxValues} values`);
    this.#skipBlanks();
    switch (this.#text.charCodeAt(this.#at)) {
      case 0x7b:
        return this.#nested(() => this.#object());
      case 0x5b:
        return this.#nested(() => this.#array());
      case 0x22:
        return this.#string();
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      case 0x6e:
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #nested<T>(parse: () => T): T {
    if (++this.#depth > maxDepth)
      throw new ProtocolError(this.#where, `is nested deeper than ${maxDepth} levels`);
    const value = parse();
    this.#depth--;
    return value;
  }

  #object(): Record<string, unknown> {
    const object = Object.create(null) as Record<string, unknown>;
    this.#at++;
    if (this.#take('}')) return object;
    do {
      const key = this.#key();
      if (!this.#take(':')) throw this.#unexpected('a colon');
      object[key] = this.#value();
      if (key === '$ref') this.hasReferences = true;
    } while (this.#take(','));
    if (!this.#take('}')) throw this.#unexpected('a comma or a closing brace');
    return object;
  }

  /** Java's maps may have keys of any type: integers come without quotes, objects as they are. */
  #key(): string {
    this.#skipBlanks();
    const first = this.#text[this.#at];
    if (first === '"') return this.#string();
    if (first === '{') {
      const start = this.#at;
      this.#nested(() => this.#object());
      return this.#text.slice(start, this.#at);
    }
    integerKey.lastIndex = this.#at;
    const match = integerKey.exec(this.#text)?.[0];
    if (match === undefined) throw this.#unexpected('a key');
    this.#at += match.length;
    return match;
  }

  #array(): unknown[] {
    const array: unknown[] = [];
    this.#at++;
    if (this.#take(']')) return array;
    do array.push(this.#value());
    while (this.#take(','));
    if (!this.#take(']')) throw this.#unexpected('a comma or a closing bracket');
    return array;
  }

  #string(): string {
    const start = this.#at;
    let end = start;
    do {
      end = this.#text.indexOf('"', end + 1);
      if (end < 0) throw this.#unexpected('the end of a string');
    } while (this.#isEscaped(end));
    this.#at = end + 1;
    const raw = this.#text.slice(start, end + 1);
    if (!raw.includes('\\')) return raw.slice(1, -1);
    try {
      return JSON.parse(raw) as string;
    } catch (cause) {
      throw new ProtocolError(this.#where, `has a malformed string at ${start}`, { cause });
    }
  }

  #isEscaped(quote: number): boolean {
    let backslashes = 0;
    while (this.#text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes++;
    return backslashes % 2 === 1;
  }

  #number(): number | bigint {
    number.lastIndex = this.#at;
    const match = number.exec(this.#text);
    if (match === null) throw this.#unexpected('a value');
    const [text, fraction, exponent] = match;
    this.#at += text.length;
    const value = Number(text);
    if (fraction !== undefined || exponent !== undefined || Number.isSafeInteger(value)) return value;
    // Digits of an attacker's choosing would cost quadratic time; nothing in Java is longer than 20 characters.
    if (text.length > 40) throw new ProtocolError(this.#where, `has a number of ${text.length} digits`);
    return BigInt(text);
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected('a value');
    this.#at += word.length;
    return value;
  }

  #take(punctuation: string): boolean {
    this.#skipBlanks();
    if (this.#text[this.#at] !== punctuation) return false;
    this.#at++;
    return true;
  }

  #skipBlanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #unexpected(expected: string): ProtocolError {
    const found =
      this.#at < this.#text.length
        ? JSON.stringify(this.#text.slice(this.#at, this.#at + 20))
        : 'the end of the text';
    return new ProtocolError(this.#where, `expected ${expected} at ${this.#at}, found ${found}`);
  }
}
