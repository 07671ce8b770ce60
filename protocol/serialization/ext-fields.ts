import type { ExtFields } from '../remoting-command.ts';

/** Objects made by this have no inherited members, yet V8 keeps them in its fast form, unlike `Object.create(null)`. */
const Fields = function () {} as unknown as new () => ExtFields;
Fields.prototype = Object.create(null);

/** A new map of header fields: no member but those that are put into it, whatever they are called. */
export function newExtFields(): ExtFields {
  return new Fields();
}
