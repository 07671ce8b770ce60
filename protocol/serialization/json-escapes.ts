const zero = 48;
const backslash = 92;
const hexDigits = Buffer.from('0123456789abcdef', 'latin1');

/** Characters that JSON has a short escape for, as `JSON.stringify` writes them. */
const shortEscapes: Readonly<Record<number, number>> = {
  8: 98,
  9: 116,
  10: 110,
  12: 102,
  13: 114,
  34: 34,
  92: 92,
};

/** By character below 128: bytes of it inside a JSON string. */
const jsonSizes = Uint8Array.from({ length: 128 }, (_, code) => {
  if (shortEscapes[code] !== undefined) return 2;
  return code < 32 ? 6 : 1;
});

/** Bytes of the text inside a JSON string, or -1 when it is not ASCII. */
export function jsonSize(text: string): number {
  const { length } = text;
  let size = 0;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 127) return -1;
    size += jsonSizes[code] ?? 1;
  }
  return size;
}

/** Whether the text, with what JSON escapes, exactly fills the bytes from `start` to `end`; it is then written. */
export function writeEscaped(bytes: Buffer, start: number, end: number, text: string): boolean {
  const { length } = text;
  if (length > end - start) return false;
  let at = start;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    const size = code > 127 ? end : (jsonSizes[code] ?? 1);
    if (at + size > end) return false;
    if (size === 1) bytes[at] = code;
    else writeEscape(bytes, at, code, size);
    at += size;
  }
  return at === end;
}

function writeEscape(bytes: Buffer, at: number, code: number, size: number): void {
  bytes[at] = backslash;
  if (size === 2) {
    bytes[at + 1] = shortEscapes[code] ?? code;
    return;
  }
  bytes[at + 1] = 117;
  bytes[at + 2] = zero;
  bytes[at + 3] = zero;
  bytes[at + 4] = hexDigits[code >> 4] ?? zero;
  bytes[at + 5] = hexDigits[code & 15] ?? zero;
}
