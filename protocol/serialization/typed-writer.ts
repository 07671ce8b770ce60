import { languageNumber } from '../codes/language-code.ts';
import type { LanguageCode } from '../codes/language-code.ts';
import { SerializeType } from '../remoting-command.ts';
import type { HeaderPlan } from '../schema/header-plan.ts';
import { digitsOf, HeaderTemplate, writeDigits } from './header-template.ts';
import { writeInt32 } from './integers.ts';

/** The parts of a command's header that are not its fields. */
export interface HeaderStart {
  readonly code: number;
  readonly flag: number;
  readonly language: LanguageCode;
  readonly version: number;
  readonly opaque: number;
}

/** Fields that take more than this are not kept as a template. */
const maxKept = 65_536;

/** Bytes around the fields of a JSON header, as long as code, flag, language and version stay. */
interface JsonFrame {
  readonly code: number;
  readonly flag: number;
  readonly language: LanguageCode;
  readonly version: number;
  readonly before: Buffer;
  readonly between: Buffer;
  readonly after: Buffer;
}

/** Writes headers of one kind, in one form, straight from the callers' objects. */
export class TypedWriter {
  readonly plan: HeaderPlan;
  readonly type: SerializeType;
  readonly #isJson: boolean;
  #template: HeaderTemplate;
  #frame: JsonFrame | undefined;

  constructor(plan: HeaderPlan, type: SerializeType) {
    const isJson = type === SerializeType.JSON;
    this.plan = plan;
    this.type = type;
    this.#isJson = isJson;
    this.#template = new HeaderTemplate(plan.fields, plan.update, isJson);
  }

  /** The size of the header, or -1 when it must be written the general way. */
  prepare(start: HeaderStart, header: object): number {
    const template = this.#template;
    if (!template.update(header)) return -1;
    const { length } = template.content;
    if (length > maxKept) {
      this.#template = new HeaderTemplate(this.plan.fields, this.plan.update, this.#isJson);
      return -1;
    }
    if (!this.#isJson) return isInt16(start.code) && isInt16(start.version) ? 21 + length : -1;
    if (start.opaque < 0 || start.opaque !== (start.opaque | 0)) return -1;
    const { before, between, after } = this.#frameFor(start);
    return before.length + length + between.length + digitsOf(start.opaque) + after.length;
  }

  /** Writes what {@link prepare} measured. */
  write(start: HeaderStart, target: Buffer, at: number): void {
    if (this.#isJson) this.#writeJson(start, target, at);
    else this.#writeBinary(start, target, at);
  }

  #writeBinary({ code, language, version, opaque, flag }: HeaderStart, target: Buffer, at: number): void {
    const { content } = this.#template;
    target[at] = code >> 8;
    target[at + 1] = code;
    target[at + 2] = languageNumber(language);
    target[at + 3] = version >> 8;
    target[at + 4] = version;
    writeInt32(target, at + 5, opaque);
    writeInt32(target, at + 9, flag);
    writeInt32(target, at + 13, 0);
    writeInt32(target, at + 17, content.length);
    target.set(content, at + 21);
  }

  #writeJson(start: HeaderStart, target: Buffer, from: number): void {
    const { before, between, after } = this.#frameFor(start);
    const { content } = this.#template;
    let at = from;
    for (const part of [before, content, between]) {
      target.set(part, at);
      at += part.length;
    }
    const digits = digitsOf(start.opaque);
    writeDigits(target, at + digits, digits, start.opaque);
    target.set(after, at + digits);
  }

  #frameFor({ code, flag, language, version }: HeaderStart): JsonFrame {
    const known = this.#frame;
    if (
      known?.code === code &&
      known.flag === flag &&
      known.language === language &&
      known.version === version
    )
      return known;
    const [open, close] = this.plan.isAbsent ? ['', ''] : [',"extFields":{', '}'];
    const frame = {
      code,
      flag,
      language,
      version,
      before: Buffer.from(`{"code":${code}${open}`, 'latin1'),
      between: Buffer.from(`${close},"flag":${flag},"language":"${language}","opaque":`, 'latin1'),
      after: Buffer.from(`,"serializeTypeCurrentRPC":"JSON","version":${version}}`, 'latin1'),
    };
    this.#frame = frame;
    return frame;
  }
}

const isInt16 = (value: number): boolean => value >= -0x8000 && value <= 0x7fff;
