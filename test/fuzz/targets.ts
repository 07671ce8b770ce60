import { deepStrictEqual } from 'node:assert';
import type * as protocolModule from '../../protocol/index.ts';
import type { Body, Header, HeaderFields, RemotingCommand } from '../../protocol/index.ts';
import type { Prng } from './prng.ts';

/** The module under test: an instrumented copy of `protocol/index.ts`. */
export type Protocol = typeof protocolModule;

/** One way into the protocol. */
export interface Target {
  readonly name: string;
  /** Reads the input and checks what must hold of the result; only a `ProtocolError` may come out. */
  run(input: Buffer): void;
  /** Makes lengths fit again after a change, so that what lies behind them is reached. */
  repair?(input: Buffer, random: Prng): void;
}

const MAX_BODY = 1_048_576;

type AnyHeader = Header<HeaderFields>;
type Writer = InstanceType<Protocol['FrameWriter']>;

/** All targets, for one copy of the protocol. */
export function makeTargets(protocol: Protocol): readonly Target[] {
  const bodies = bodiesOf(protocol);
  const headers = headersOf(protocol);
  const writer = new protocol.FrameWriter();
  return [
    { name: 'frames', run: (input) => runFrames(protocol, writer, input), repair: repairFrame },
    { name: 'headers', run: (input) => runHeader(protocol, headers, writer, input) },
    { name: 'messages', run: (input) => runMessages(protocol, input), repair: repairRecord },
    { name: 'bodies', run: (input) => runBody(bodies, input) },
    { name: 'json', run: (input) => void protocol.parseFastjson(input.toString('utf8')) },
    { name: 'properties', run: (input) => runProperties(protocol, input) },
    { name: 'batches', run: (input) => runBatch(protocol, input), repair: repairBatch },
    { name: 'compressed', run: (input) => runCompressed(protocol, input) },
    { name: 'texts', run: (input) => runText(protocol, input) },
  ];
}

/** Headers of the table, in the order in which the first byte of an input names them. */
export function headersOf({ Commands }: Protocol): readonly Header<HeaderFields>[] {
  const headers = Object.values(Commands).flatMap(({ request, response }) => [request, response]);
  return [
    ...new Map(headers.map((header) => [header.name, header as unknown as Header<HeaderFields>])).values(),
  ];
}

/** JSON bodies of the table, in the order in which the first byte of an input names them. */
export function bodiesOf({ Commands }: Protocol): readonly Body<unknown>[] {
  const bodies = new Map<string, Body<unknown>>();
  for (const { requestBody, responseBody } of Object.values(Commands))
    for (const body of [requestBody, responseBody]) bodies.set(body.typeName ?? body.kind, body);
  return [...bodies.values()];
}

/** Whole, in pieces and lazily the frames are the same, or the same is wrong with them. */
function runFrames(protocol: Protocol, writer: Writer, input: Buffer): void {
  const whole = decodeFrames(protocol, [input]);
  const cut = input.length >> 1;
  const pieces =
    input.length > 64
      ? [input.subarray(0, cut), input.subarray(cut, cut + 3), input.subarray(cut + 3)]
      : [...input].map((byte) => Buffer.of(byte));
  const sliced = decodeFrames(protocol, pieces);
  deepStrictEqual(sliced.commands.map(plainCommand), whole.commands.map(plainCommand));
  if ((whole.error === undefined) !== (sliced.error === undefined))
    throw new Error('whole and sliced input fail differently');
  // Without the frame that is not whole: each decoder takes memory for it, up to 16 MiB.
  const complete = whole.error === undefined ? input.subarray(0, endOf(whole.commands.length, input)) : input;
  const lazy = decodeFrames(protocol, [complete], true);
  if ((whole.error === undefined) !== (lazy.error === undefined))
    throw new Error('eager and lazy decoders fail differently');
  for (const [index, command] of whole.commands.entries())
    readCommand(protocol, writer, command, lazy.commands[index]);
  deepStrictEqual(lazy.commands.map(plainCommand), whole.commands.map(plainCommand));
  (protocol as { describeFrame?: (bytes: Buffer) => unknown }).describeFrame?.(input);
  if (whole.error !== undefined) throw whole.error;
}

/** Where so many frames end. */
function endOf(frames: number, input: Buffer): number {
  let at = 0;
  for (let frame = 0; frame < frames; frame++) at += 4 + input.readInt32BE(at);
  return at;
}

function decodeFrames(
  { FrameDecoder, ProtocolError }: Protocol,
  chunks: readonly Buffer[],
  lazy = false,
): { commands: RemotingCommand[]; error?: Error } {
  const decoder = new FrameDecoder(undefined, { lazy });
  const commands: RemotingCommand[] = [];
  try {
    for (const chunk of chunks) decoder.push(chunk, (command) => commands.push(command));
  } catch (error) {
    if (error instanceof ProtocolError) return { commands, error };
    throw error;
  }
  return { commands };
}

/** A command without getters, so that it can be compared. */
export function plainCommand(
  command: RemotingCommand,
): Omit<RemotingCommand, 'body'> & { body: string | undefined } {
  const { code, language, version, opaque, flag, remark, extFields, body, serializeType } = command;
  const fields = extFields === undefined ? undefined : { ...extFields };
  return {
    code,
    language,
    version,
    opaque,
    flag,
    remark,
    extFields: fields,
    body: body?.toString('hex'),
    serializeType,
  };
}

/** What a client does with a command: header and body by its row, and the frame once more. */
function readCommand(
  protocol: Protocol,
  writer: Writer,
  command: RemotingCommand,
  lazy: RemotingCommand | undefined,
): void {
  const row = protocol.commandByCode(command.code);
  if (row !== undefined) {
    for (const header of [row.request, row.response]) {
      if (lazy !== undefined) expectSameReading(protocol, header, command, lazy);
      expectSameWriting(protocol, header, command, writer);
    }
    for (const body of [row.requestBody, row.responseBody])
      attempt(protocol, () => body.decode(command.body));
  }
  const { language } = command;
  if (language === undefined) return;
  const again = decodeFrames(protocol, [
    protocol.encodeCommand({ ...command, ...copyOf(command), language }),
  ]);
  deepStrictEqual(again.commands.map(withoutEmpty), [withoutEmpty(command)]);
}

function copyOf({
  code,
  version,
  opaque,
  flag,
  remark,
  extFields,
  body,
  serializeType,
}: RemotingCommand): Omit<RemotingCommand, 'language'> {
  return { code, version, opaque, flag, remark, extFields, body, serializeType };
}

/** The binary form does not tell an empty remark, map or value from none. */
function withoutEmpty(command: RemotingCommand): object {
  const { remark, extFields, ...rest } = plainCommand(command);
  const fields = Object.entries(extFields ?? {}).filter(
    ([, value]) => command.serializeType === 0 || value !== '',
  );
  return { ...rest, remark: remark === '' ? undefined : remark, fields: new Map(fields) };
}

/** Straight from the frame a header is what it is by way of the map. `lazy` is the command that has not been looked into. */
function expectSameReading(
  protocol: Protocol,
  header: AnyHeader,
  command: RemotingCommand,
  lazy: RemotingCommand,
): void {
  deepStrictEqual(
    attempt(protocol, () => header.read(lazy)),
    attempt(protocol, () => header.decode(command.extFields)),
  );
}

/** Straight into the frame, over whatever the writer wrote before, a header is what it is by way of the map. */
function expectSameWriting(
  protocol: Protocol,
  header: AnyHeader,
  { extFields, serializeType }: Pick<RemotingCommand, 'extFields' | 'serializeType'>,
  writer: Writer,
): void {
  const slow = attempt(protocol, () => header.decode(extFields));
  if (!('value' in slow)) return;
  const value = slow.value as Record<string, unknown>;
  const rest = { code: 1, version: 0, opaque: 1, flag: 0, language: 'OTHER', serializeType } as const;
  writer.append({ ...rest, headerType: header, header: value });
  deepStrictEqual(writer.take(), protocol.encodeCommand({ ...rest, extFields: header.encode(value) }));
}

/** The value, or the place of the error. */
function attempt(
  { ProtocolError }: Protocol,
  read: () => unknown,
): { value: unknown } | { failedAt: string } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof ProtocolError) return { failedAt: error.where };
    throw error;
  }
}

/** `index`, then lines of names and values in turn: what is read is written again and read as the same, in each way. */
function runHeader(
  protocol: Protocol,
  headers: readonly Header<HeaderFields>[],
  writer: Writer,
  input: Buffer,
): void {
  const header = headers[(input[0] ?? 0) % headers.length];
  if (header === undefined) return;
  const lines = input.toString('utf8', 1).split('\n');
  const ext: Record<string, string> = Object.create(null) as Record<string, string>;
  for (let line = 0; line + 1 < lines.length; line += 2) ext[lines[line] ?? ''] = lines[line + 1] ?? '';
  for (const serializeType of [0, 1] as const) {
    const command = { code: 1, version: 0, opaque: 1, flag: 1, language: 'OTHER', serializeType } as const;
    const frame = protocol.encodeCommand({ ...command, extFields: ext });
    const [plain] = decodeFrames(protocol, [frame]).commands;
    const [lazy] = decodeFrames(protocol, [frame], true).commands;
    if (plain === undefined || lazy === undefined) throw new Error('a frame of ours is not read');
    expectSameReading(protocol, header, plain, lazy);
    expectSameWriting(protocol, header, plain, writer);
  }
  const value = header.decode(ext);
  deepStrictEqual(header.decode(header.encode(value)), value);
}

/** No record throws, whatever it holds, and everything in a message can be looked at. */
function runMessages(protocol: Protocol, input: Buffer): void {
  const verifyCrc = (input[0] ?? 0) % 2 === 1;
  const records = protocol.decodeStoredMessages(input.subarray(1), {
    maxBodySize: MAX_BODY,
    verifyCrc,
    brokerName: 'broker-a',
    offsetDelta: 7,
  });
  let errors = 0;
  for (const record of records) {
    if (record.ok) lookAt(protocol, record.message);
    else if (!(record.error instanceof protocol.ProtocolError))
      throw new Error('a record failed with another error', { cause: record.error });
    else errors++;
  }
  if (errors > 1002) throw new Error(`${errors} records of ${records.length} failed, and reading went on`);
}

function lookAt(protocol: Protocol, message: InstanceType<Protocol['ReceivedMessage']>): void {
  JSON.stringify(message);
  if (message.body.length > Math.max(MAX_BODY, message.storeSize))
    throw new Error(`a body of ${message.body.length} bytes came through`);
  const { storeHost, commitLogOffset } = protocol.parseOffsetMessageId(message.offsetMessageId);
  deepStrictEqual([storeHost, commitLogOffset], [message.storeHost, message.commitLogOffset]);
}

/** `index`, then JSON: what is read is written again, and from then on is read as the same. */
function runBody(bodies: readonly Body<unknown>[], input: Buffer): void {
  const body = bodies[(input[0] ?? 0) % bodies.length];
  if (body === undefined) return;
  const value = body.decode(input.length > 1 ? input.subarray(1) : undefined);
  if (!isWritable(value, [])) return;
  const again = body.decode(body.encode(value));
  deepStrictEqual(body.decode(body.encode(again)), again);
}

/** JSON has neither references nor integers beyond 2^53; documents without a model may hold both. */
function isWritable(value: unknown, within: readonly unknown[]): boolean {
  if (typeof value === 'bigint' || within.includes(value)) return false;
  if (typeof value !== 'object' || value === null) return true;
  const items: readonly unknown[] =
    value instanceof Map ? [...(value.values() as Iterable<unknown>)] : Object.values(value);
  return items.every((item) => isWritable(item, [...within, value]));
}

const hasSeparator = (text: string): boolean => text.includes('\u0001') || text.includes('\u0002');

function runProperties({ decodeProperties, encodeProperties }: Protocol, input: Buffer): void {
  const properties = decodeProperties(input);
  const separable = [...properties].filter(([name, value]) => !hasSeparator(name + value));
  deepStrictEqual(decodeProperties(encodeProperties(separable)), new Map(separable));
}

function runBatch({ decodeBatch, encodeBatch }: Protocol, input: Buffer): void {
  const members = decodeBatch(input);
  const valid = members.filter(({ properties }) => Buffer.byteLength(properties) <= 32_767);
  deepStrictEqual(decodeBatch(encodeBatch(valid)), valid);
}

const FLAGS = [0x1, 0x101, 0x201, 0x301, 0x401, 0];

function runCompressed({ inflateBody }: Protocol, input: Buffer): void {
  const body = inflateBody(input.subarray(1), FLAGS[(input[0] ?? 0) % FLAGS.length] ?? 0, MAX_BODY);
  if (body.length > Math.max(MAX_BODY, input.length))
    throw new Error(`a body of ${body.length} bytes came through`);
}

/** Small languages: ids, handles, expressions, lists, configurations. */
function runText(protocol: Protocol, input: Buffer): void {
  const text = input.toString('utf8', 1);
  const parsers: readonly (() => unknown)[] = [
    () => protocol.parseOffsetMessageId(text),
    () => protocol.parseReceiptHandle(text),
    () => protocol.parseRecallHandle(text),
    () => protocol.parseStartOffsetInfo(text),
    () => protocol.parseMsgOffsetInfo(text),
    () => protocol.parseOrderCountInfo(text),
    () => protocol.decodeTraceRecords(text),
    () => protocol.readConfigText(text),
    () => protocol.readBitSet(text),
    () => protocol.readLocalOffsets(text),
    () => protocol.tagSubscription('topic', text, 1),
    () => protocol.checkTopic(text),
    () => protocol.offsetMessageId(text, 1),
  ];
  parsers[(input[0] ?? 0) % parsers.length]?.();
}

function repairFrame(input: Buffer, random: Prng): void {
  if (input.length < 8) return;
  if (!random.oneIn(8)) input.writeInt32BE(input.length - 4, 0);
  if (input[4] === 1 && input.length > 29 && random.oneIn(2)) {
    const size = input.readUInt32BE(4) & 0xff_ffff;
    const remark = input.readInt32BE(21);
    const extAt = 25 + remark;
    if (remark >= 0 && extAt + 4 < size + 8 && size + 8 <= input.length)
      input.writeInt32BE(size + 8 - extAt - 4, extAt);
  }
}

function repairRecord(input: Buffer, random: Prng): void {
  if (input.length < 92 || random.oneIn(8)) return;
  input.writeInt32BE(input.length - 1, 1);
}

function repairBatch(input: Buffer, random: Prng): void {
  if (input.length < 22 || random.oneIn(8)) return;
  input.writeInt32BE(input.length, 0);
}
