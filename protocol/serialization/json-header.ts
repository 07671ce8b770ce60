import { readLanguage } from '../codes/language-code.ts';
import type { LanguageCode } from '../codes/language-code.ts';
import { ProtocolError } from '../errors.ts';
import { SerializeType } from '../remoting-command.ts';
import type { ExtFields, RemotingCommand } from '../remoting-command.ts';
import { textOf } from './document.ts';
import { MAX_EXT_FIELDS, tooManyFields } from './ext-fields.ts';
import { checkWellFormed } from './well-formed.ts';

/** The part of a command that its header holds. */
export type CommandHeader = Omit<RemotingCommand, 'body' | 'language'> & { readonly language: LanguageCode };

/** Writes a header as Java does: members in alphabetical order, without those that are not there. */
export function writeJsonHeader({
  code,
  extFields,
  flag,
  language,
  opaque,
  remark,
  version,
}: CommandHeader): string {
  // One call of JSON.stringify for all fields is faster than looking for what to escape in each of them.
  const ext = extFields === undefined ? '' : `,"extFields":${writeExtFields(extFields)}`;
  const text = remark === undefined ? '' : `,"remark":${JSON.stringify(remark)}`;
  return `{"code":${code}${ext},"flag":${flag},"language":"${language}","opaque":${opaque}${text},"serializeTypeCurrentRPC":"JSON","version":${version}}`;
}

/** How `JSON.stringify` writes half of a surrogate pair; also found in text that only looks like it. */
const maybeSurrogate = /\\ud[89a-f]/;

function writeExtFields(extFields: Readonly<ExtFields>): string {
  const text = JSON.stringify(extFields);
  if (maybeSurrogate.test(text))
    for (const name in extFields) checkWellFormed(name + (extFields[name] ?? ''), `header.extFields.${name}`);
  return text;
}

/** Reads a header as tolerantly as Java does. */
export function readJsonHeader(text: string, body: Buffer | undefined): RemotingCommand {
  const header = parse(text);
  const { code, version, opaque, flag, remark, extFields } = header;
  return {
    code: readInt(code, 'code'),
    language: readLanguage(header['language'] ?? undefined),
    version: readInt(version, 'version'),
    opaque: readInt(opaque, 'opaque'),
    flag: readInt(flag, 'flag'),
    remark: remark === undefined || remark === null ? undefined : textOf(remark, 'header.remark'),
    extFields: extFields === undefined || extFields === null ? undefined : readExtFields(extFields),
    body,
    serializeType: SerializeType.JSON,
  };
}

interface RawHeader {
  readonly [member: string]: unknown;
}

function parse(
  text: string,
): RawHeader & Readonly<Record<'code' | 'version' | 'opaque' | 'flag' | 'remark' | 'extFields', unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ProtocolError('header', 'is not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ProtocolError('header', 'is not a JSON object');
  return value as ReturnType<typeof parse>;
}

function readInt(value: unknown, member: string): number {
  if (typeof value === 'number' && (value | 0) === value) return value;
  if (value === undefined || value === null) return 0;
  throw new ProtocolError(`header.${member}`, 'is not a 32-bit integer');
}

function readExtFields(value: unknown): ExtFields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ProtocolError('header.extFields', 'is not a JSON object');
  // From here on no name that a peer chooses can reach Object.prototype, `__proto__` included.
  const ext = Object.setPrototypeOf(value, null) as Record<string, unknown>;
  let count = 0;
  for (const name in ext) {
    if (++count > MAX_EXT_FIELDS) throw tooManyFields();
    const item = ext[name];
    if (typeof item === 'string') continue;
    if (item === null) delete ext[name];
    else ext[name] = textOf(item, 'header.extFields');
  }
  return ext as ExtFields;
}
