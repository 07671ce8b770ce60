import { compileUpdate } from '../serialization/header-template.ts';
import type { TemplateUpdate } from '../serialization/header-template.ts';
import { compileBinaryReader, compileJsonReader } from '../serialization/typed-reader.ts';
import type { TypedReader } from '../serialization/typed-reader.ts';
import type { Field } from './field.ts';
import { planField } from './field-plan.ts';
import type { FieldPlan } from './field-plan.ts';

/**
 * What a header compiles to: its fields with all that writing and reading bytes needs. Functions are compiled when they
 * are first asked for, since a client uses few of the headers.
 */
export class HeaderPlan {
  /** The command has no header class: nothing is written, and whatever arrives is ignored. */
  readonly isAbsent: boolean;
  readonly fields: readonly FieldPlan[];
  #readBinary: TypedReader | undefined;
  #readJson: TypedReader | undefined;
  #update: TemplateUpdate | undefined;

  /** `fields` are in the order in which they are written. */
  constructor(name: string, fields: Readonly<Record<string, Field<unknown, boolean>>>) {
    this.isAbsent = name === '';
    this.fields = Object.entries(fields).map(([property, field]) => planField(name, property, field));
  }

  get readBinary(): TypedReader {
    return (this.#readBinary ??= compileBinaryReader(this.fields));
  }

  get readJson(): TypedReader {
    return (this.#readJson ??= compileJsonReader(this.fields));
  }

  get update(): TemplateUpdate {
    return (this.#update ??= compileUpdate(this.fields));
  }
}
