import { ProtocolError } from '../errors.ts';

/** Reads an integer in decimal that can be held exactly; anything else is a {@link ProtocolError}. */
export function parseExactInteger(text: string | undefined, where: string): number {
  const value = text !== undefined && /^-?\d{1,19}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value))
    throw new ProtocolError(where, `${JSON.stringify(text?.slice(0, 40) ?? '')} is not an exact integer`);
  return value;
}
