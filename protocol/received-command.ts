import type { LanguageCode } from './codes/language-code.ts';
import { SerializeType } from './remoting-command.ts';
import type { ExtFields, RemotingCommand } from './remoting-command.ts';
import type { HeaderPlan } from './schema/header-plan.ts';
import { readExtSection } from './serialization/binary-header.ts';
import { readJsonHeader } from './serialization/json-header.ts';
import { unescapeControls } from './serialization/json-scanner.ts';

/** What a decoder has found out about a header. Ends are exclusive; -1 as a start means that there is no such part. */
export interface LocatedHeader extends Pick<
  RemotingCommand,
  'code' | 'language' | 'version' | 'opaque' | 'flag'
> {
  readonly remarkAt: number;
  readonly remarkEnd: number;
  readonly fieldsAt: number;
  readonly fieldsEnd: number;
  /** How many control characters the fields hold as escapes. Default 0. */
  readonly escapes?: number;
}

/**
 * A command that looks into its frame when it is asked: the map of its fields is only made when somebody wants the
 * map, and headers are read without it. Copy it with `toJSON`, not by spreading: most of it are getters.
 */
export class ReceivedCommand implements RemotingCommand {
  readonly code: number;
  readonly language: LanguageCode | undefined;
  readonly version: number;
  readonly opaque: number;
  readonly flag: number;
  readonly serializeType: SerializeType;
  readonly #bytes: Buffer;
  readonly #headerAt: number;
  readonly #headerEnd: number;
  readonly #remarkAt: number;
  readonly #remarkEnd: number;
  readonly #fieldsAt: number;
  readonly #fieldsEnd: number;
  readonly #escapes: number;
  readonly #end: number;
  #body: Buffer | undefined;
  #ext: ExtFields | undefined;

  /** For the decoder, which has checked that all parts are sound. The body is what lies from `headerEnd` to `end`. */
  constructor(
    header: LocatedHeader,
    serializeType: SerializeType,
    bytes: Buffer,
    headerAt: number,
    headerEnd: number,
    end: number,
  ) {
    this.code = header.code;
    this.language = header.language;
    this.version = header.version;
    this.opaque = header.opaque;
    this.flag = header.flag;
    this.serializeType = serializeType;
    this.#bytes = bytes;
    this.#headerAt = headerAt;
    this.#headerEnd = headerEnd;
    this.#remarkAt = header.remarkAt;
    this.#remarkEnd = header.remarkEnd;
    this.#fieldsAt = header.fieldsAt;
    this.#fieldsEnd = header.fieldsEnd;
    this.#escapes = header.escapes ?? 0;
    this.#end = end;
  }

  get remark(): string | undefined {
    return this.#remarkAt < 0 ? undefined : this.#bytes.toString('utf8', this.#remarkAt, this.#remarkEnd);
  }

  get body(): Buffer | undefined {
    if (this.#headerEnd === this.#end) return undefined;
    return (this.#body ??= this.#bytes.subarray(this.#headerEnd, this.#end));
  }

  /** Bytes; asking makes no view of the body. */
  get bodySize(): number {
    return this.#end - this.#headerEnd;
  }

  get extFields(): ExtFields | undefined {
    if (this.#fieldsAt < 0) return undefined;
    return (this.#ext ??= this.#readMap());
  }

  #readMap(): ExtFields | undefined {
    return readFields(this.serializeType, this.#bytes, this.#sourceAt, this.#sourceEnd);
  }

  /** Copies what {@link readFields} needs, so that the frame need not be kept; answers how many bytes, or -1 when there is no room. */
  copyFields(target: Buffer): number {
    if (this.#fieldsAt < 0) return 0;
    const [from, to] = [this.#sourceAt, this.#sourceEnd];
    return to - from > target.length ? -1 : this.#bytes.copy(target, 0, from, to);
  }

  /** Where what the map is read from begins: the fields of a binary header, all of a JSON one. */
  get #sourceAt(): number {
    return this.serializeType === SerializeType.ROCKETMQ ? this.#fieldsAt : this.#headerAt;
  }

  get #sourceEnd(): number {
    return this.serializeType === SerializeType.ROCKETMQ ? this.#fieldsEnd : this.#headerEnd;
  }

  /** Whether it is one of these; several times faster than `instanceof`. */
  static is(command: object): command is ReceivedCommand {
    return #bytes in command;
  }

  /** The header, read straight from the frame; `undefined` when the general way, by the map, must be taken. */
  readTyped(plan: HeaderPlan): object | undefined {
    // A map that somebody asked for may have been changed by a hook.
    if (this.#ext !== undefined || this.#fieldsAt < 0) return undefined;
    const read = this.serializeType === SerializeType.ROCKETMQ ? plan.readBinary : plan.readJson;
    if (this.#escapes === 0) return read(this.#bytes, this.#fieldsAt, this.#fieldsEnd);
    const plain = unescapeControls(this.#bytes, this.#fieldsAt, this.#fieldsEnd);
    return read(plain.bytes, 0, plain.end);
  }

  /** All of it as a plain object. */
  toJSON(): RemotingCommand {
    const { code, language, version, opaque, flag, remark, extFields, body, serializeType } = this;
    return { code, language, version, opaque, flag, remark, extFields, body, serializeType };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): RemotingCommand {
    return this.toJSON();
  }
}

/** The fields of a command, from the part of a binary header that holds them, or from a whole JSON header. */
export function readFields(
  type: SerializeType,
  bytes: Buffer,
  start: number,
  end: number,
): ExtFields | undefined {
  if (type === SerializeType.ROCKETMQ) return readExtSection(bytes, start, end);
  return readJsonHeader(bytes.toString('utf8', start, end), undefined).extFields;
}
