import { requestName } from '../codes/request-code.ts';
import { describeResponse } from '../codes/response-code.ts';
import { describeVersion } from '../codes/version.ts';
import { commandByCode } from '../commands/index.ts';
import { FrameDecoder } from '../frame.ts';
import { isOneway, isResponse } from '../remoting-command.ts';
import type { ExtFields, RemotingCommand } from '../remoting-command.ts';
import type { Body } from '../schema/body.ts';
import type { Command } from '../schema/command.ts';
import type { HeaderPlan } from '../schema/header-plan.ts';
import { describeBody, describeBytes, guessBody } from './describe-body.ts';
import type { BodyDescription, BytesDescription } from './describe-body.ts';
import { isSecretName, redact, REDACTED } from './redact.ts';

/** What is known about where a frame comes from. */
export interface DescribeOptions {
  /** Code of the request that a response answers; a response itself does not say it. */
  readonly requestCode?: number;
}

/** A frame as a person reads it. Secrets are not in it. */
export interface FrameDescription {
  /** `unreadable` when not even the header could be read: `problems` says why. */
  readonly kind: 'request' | 'response' | 'unreadable';
  /** Bytes of the whole frame. */
  readonly size: number;
  readonly code?: number;
  /** Java's name of the request or response code. */
  readonly name?: string;
  /** Of a response: the request it answers, when that was given. */
  readonly request?: string;
  /** Of a failed response: what it means and what to do. */
  readonly help?: string;
  readonly oneway?: boolean;
  readonly serializeType?: 'JSON' | 'ROCKETMQ';
  readonly language?: string;
  /** Such as `V5_3_3`. */
  readonly version?: string;
  readonly opaque?: number;
  readonly remark?: string;
  /** Java's name of the header's class. */
  readonly headerClass?: string;
  /** Fields that the command declares, by our names and with their types. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** Fields that it does not declare, as they came. */
  readonly otherFields?: Readonly<Record<string, string>>;
  readonly body?: BodyDescription;
  /** Bytes after the frame. */
  readonly rest?: BytesDescription;
  /** Whatever could not be read, one sentence each; empty for a sound frame. */
  readonly problems: readonly string[];
}

/**
 * Names everything in a frame: code, header fields by the row of the table, body by its kind, stored messages one by
 * one. Never throws: what cannot be read is told in `problems`, and shown in hex. Secrets are left out.
 */
export function describeFrame(bytes: Buffer, options: DescribeOptions = {}): FrameDescription {
  const problems: string[] = [];
  const command = attempt(problems, () => readFrame(bytes, problems));
  if (command !== undefined) return describeCommand(command, bytes, options, problems);
  const shown = attempt(problems, () => describeBytes(bytes)) ?? { size: bytes.length };
  return { kind: 'unreadable', size: bytes.length, body: { kind: 'bytes', ...shown }, problems };
}

function describeCommand(
  command: RemotingCommand,
  bytes: Buffer,
  { requestCode = -1 }: DescribeOptions,
  problems: string[],
): FrameDescription {
  const size = bytes.readInt32BE(0) + 4;
  const response = isResponse(command);
  const row = commandByCode(response ? requestCode : command.code);
  const side = response
    ? { header: row?.response, body: row?.responseBody }
    : { header: row?.request, body: row?.requestBody };
  const rest = size < bytes.length ? { rest: describeBytes(bytes.subarray(size)) } : undefined;
  return {
    kind: response ? 'response' : 'request',
    size,
    ...(response
      ? describeAnswer(command, row)
      : { name: requestName(command.code), oneway: isOneway(command) }),
    ...describeStart(command),
    ...describeFields(command, side.header, problems),
    ...describeContent(command, side.body, problems),
    ...rest,
    problems,
  };
}

function readFrame(bytes: Buffer, problems: string[]): RemotingCommand | undefined {
  const commands: RemotingCommand[] = [];
  const size = bytes.length >= 4 ? bytes.readInt32BE(0) + 4 : 8;
  const decoder = new FrameDecoder();
  decoder.push(size > 8 ? bytes.subarray(0, size) : bytes, (command) => commands.push(command));
  if (commands.length === 0)
    problems.push(`frame: is cut off after ${bytes.length} of ${Math.max(8, size)} bytes`);
  return commands[0];
}

function describeAnswer(command: RemotingCommand, row: Command | undefined): Partial<FrameDescription> {
  const { name, help } = describeResponse(command.code);
  return {
    name,
    ...(command.code === 0 ? undefined : { help }),
    ...(row === undefined ? undefined : { request: row.name }),
  };
}

function describeStart(command: RemotingCommand): Partial<FrameDescription> {
  const { code, language, version, opaque, remark, serializeType } = command;
  return {
    code,
    serializeType: serializeType === 0 ? 'JSON' : 'ROCKETMQ',
    language: language ?? 'unknown',
    version: describeVersion(version),
    opaque,
    ...(remark === undefined ? undefined : { remark }),
  };
}

function describeFields(
  { extFields = {} }: RemotingCommand,
  header: { readonly name: string; readonly plan: HeaderPlan } | undefined,
  problems: string[],
): Partial<FrameDescription> {
  const others = new Map(Object.entries(extFields));
  const known = Object.create(null) as Record<string, unknown>;
  for (const { property, wireName, field, where, isRequired } of header?.plan.fields ?? []) {
    const text = others.get(wireName);
    others.delete(wireName);
    if (text !== undefined)
      known[property] = readField(property, text, () => field.decode(text, where), problems);
    else if (isRequired) problems.push(`${where}: is missing`);
  }
  return {
    ...(header === undefined || header.name === '' ? undefined : { headerClass: header.name, header: known }),
    ...(others.size === 0 ? undefined : { otherFields: redactFields(others) }),
  };
}

function readField(property: string, text: string, read: () => unknown, problems: string[]): unknown {
  if (isSecretName(property)) return REDACTED;
  const before = problems.length;
  const value = attempt(problems, read);
  return problems.length > before ? text : value;
}

function redactFields(fields: ReadonlyMap<string, string>): ExtFields {
  return redact(fields) as ExtFields;
}

function describeContent(
  { body }: RemotingCommand,
  declared: Body<unknown> | undefined,
  problems: string[],
): Partial<FrameDescription> {
  if (body === undefined) return {};
  if (declared !== undefined && declared.kind !== 'none') {
    const described = attempt(problems, () => describeBody(body, declared));
    if (described !== undefined) return { body: described };
  }
  return { body: attempt(problems, () => guessBody(body)) ?? { kind: 'bytes', size: body.length } };
}

function attempt<T>(problems: string[], run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}
