import { ProtocolError } from '../errors.ts';
import type { ExtFields } from '../remoting-command.ts';

/** Real headers have about twenty fields. */
export const MAX_EXT_FIELDS = 4_096;

/** The error of a header with more. */
export function tooManyFields(): ProtocolError {
  return new ProtocolError('header.extFields', `has more than ${MAX_EXT_FIELDS} fields`);
}

/** Objects made by this have no inherited members, yet V8 keeps them in its fast form, unlike `Object.create(null)`. */
const Fields = function () {} as unknown as new () => ExtFields;
Fields.prototype = Object.create(null);

/** A new map of header fields: no member but those that are put into it, whatever they are called. */
export function newExtFields(): ExtFields {
  return new Fields();
}
