import { ProtocolError } from '../errors.ts';

/** A half of a surrogate pair without the other; UTF-8 cannot carry it. */
const loneSurrogate = /[\ud800-\udfff]/u;

/** Refuses text that would arrive as something else: half a surrogate pair has no UTF-8. */
export function checkWellFormed(text: string, where: string): void {
  if (loneSurrogate.test(text))
    throw new ProtocolError(where, 'holds half of a surrogate pair, which is not a character');
}
