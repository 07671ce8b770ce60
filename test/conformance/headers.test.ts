import { expect } from 'chai';
import { describe, it } from 'mocha';
import { encodeCommand, FrameDecoder, SerializeType } from '../../protocol/index.ts';
import type { Header, HeaderFields, OutgoingCommand, RemotingCommand } from '../../protocol/index.ts';
import { rowHeaders } from './arbitrary-headers.ts';
import { type Generation, GENERATIONS, type HeaderVector, headerVectors } from './golden-vectors.ts';

/** Headers whose frames are written millions of times: their binary form is Java's byte for byte. */
const HOT_BINARY = [
  'SendMessageRequestHeaderV2',
  'SendMessageResponseHeader',
  'PullMessageRequestHeader',
  'PullMessageResponseHeader',
] as const;

describe('conformance: headers', () => {
  for (const generation of GENERATIONS) {
    const vectors = headerVectors(generation);

    it(`reads every header class of Java ${generation} in both forms, whole and byte by byte`, () => {
      for (const vector of vectors) {
        for (const form of ['json', 'binary'] as const) {
          const frame = Buffer.from(vector[form], 'hex');
          const command = decodeWhole(frame);
          expectValues(command, vector, form, generation);
          const pieces = decodeInPieces(frame);
          expect(pieces && withLanguage(pieces), vector.class).to.deep.equal(withLanguage(command));
        }
      }
      console.log(
        `      ${generation}: ${new Set(vectors.map((vector) => vector.class)).size} classes, ${vectors.length * 2} frames`,
      );
    });

    it(`writes every frame of Java ${generation} again, byte for byte`, () => {
      let differentEscapes = 0;
      for (const vector of vectors) {
        for (const form of ['json', 'binary'] as const) {
          const command = decodeWhole(Buffer.from(vector[form], 'hex'));
          const ours = encodeCommand(withLanguage(command));
          if (ours.toString('hex') === vector[form]) continue;
          // fastjson 1 escapes more characters than JSON asks for, such as U+2028.
          expect(`${generation} ${form} ${vector.variant}`, vector.class).to.equal('4.9.7 json odd');
          expect(headerDocument(ours), vector.class).to.deep.equal(
            headerDocument(Buffer.from(vector[form], 'hex')),
          );
          differentEscapes++;
        }
      }
      console.log(
        `      ${generation}: ${differentEscapes} of ${vectors.length * 2} with other JSON escapes`,
      );
    });

    it(`reads the values of Java ${generation} through the table, and writes the same fields`, () => {
      const missing: string[] = [];
      let read = 0;
      for (const header of headersOfTable()) {
        const own = vectors.filter((vector) => vector.class === header.name);
        if (own.length === 0) missing.push(header.name);
        for (const vector of own) {
          expectTyped(header, vector);
          read++;
        }
      }
      console.log(`      ${generation}: ${read} vectors; not in this generation: ${missing.join(', ')}`);
    });

    it(`reads and writes straight from and to the frame what it reads and writes over the map, ${generation}`, () => {
      for (const header of headersOfTable()) {
        for (const vector of vectors.filter((vector) => vector.class === header.name)) {
          for (const form of ['json', 'binary'] as const) {
            const where = `${vector.class} ${vector.variant} ${form}`;
            const command = decodeWhole(Buffer.from(vector[form], 'hex'));
            const value = header.read(command);
            expect(value, where).to.deep.equal(header.decode(command.extFields));
            const rest = { ...withLanguage(command), extFields: undefined };
            const typed = encodeCommand({
              ...rest,
              headerType: header,
              header: value,
            });
            const general = encodeCommand({ ...rest, extFields: header.encode(value) });
            expect(typed.toString('hex'), where).to.equal(general.toString('hex'));
          }
        }
      }
    });

    it(`writes hot headers as Java ${generation} does`, () => {
      for (const name of HOT_BINARY) {
        const header = headersOfTable().find((header) => header.name === name);
        const declared = new Set(
          Object.entries(header?.fields ?? {}).map(([property, field]) => field.wireName ?? property),
        );
        for (const vector of vectors.filter((vector) => vector.class === name)) {
          const ext = vector.binaryExt ?? vector.ext;
          // What the table leaves out is explained in reflection.test.ts.
          if (Object.keys(ext).some((field) => !declared.has(field))) continue;
          const command = decodeWhole(Buffer.from(vector.binary, 'hex'));
          const extFields = header?.encode(header.decode(ext));
          const ours = encodeCommand({ ...withLanguage(command), extFields });
          expect(ours.toString('hex'), `${name} ${vector.variant}`).to.equal(vector.binary);
        }
      }
    });
  }
});

export function decodeWhole(frame: Buffer): RemotingCommand {
  const commands: RemotingCommand[] = [];
  new FrameDecoder().push(frame, (command) => commands.push(command));
  const [command] = commands;
  if (command === undefined || commands.length !== 1)
    throw new Error(`the frame holds ${commands.length} commands`);
  return command;
}

function decodeInPieces(frame: Buffer): RemotingCommand | undefined {
  const decoder = new FrameDecoder();
  let found: RemotingCommand | undefined;
  for (const byte of frame) decoder.push(Buffer.of(byte), (command) => (found = command));
  return found;
}

function expectValues(
  command: RemotingCommand,
  vector: HeaderVector,
  form: 'json' | 'binary',
  generation: Generation,
): void {
  expect(
    { ...withLanguage(command), extFields: { ...command.extFields }, body: command.body?.toString('hex') },
    `${vector.class} ${form}`,
  ).to.deep.equal({
    // The binary form has 16 bits for the code.
    code: form === 'json' ? vector.code : (vector.code << 16) >> 16,
    language: 'JAVA',
    version: generation === '4.9.7' ? 407 : 513,
    opaque: vector.opaque,
    flag: vector.flag,
    remark: vector.remark,
    extFields: form === 'json' ? vector.ext : (vector.binaryExt ?? vector.ext),
    body: vector.body,
    serializeType: form === 'json' ? SerializeType.JSON : SerializeType.ROCKETMQ,
  });
}

function headerDocument(frame: Buffer): unknown {
  return JSON.parse(frame.toString('utf8', 8, 8 + (frame.readUInt32BE(4) & 0xff_ffff)));
}

function withLanguage(command: RemotingCommand): OutgoingCommand {
  const { language } = command;
  if (language === undefined) throw new Error('the frame has no language');
  const { code, version, opaque, flag, remark, extFields, body, serializeType } = command;
  return { code, language, version, opaque, flag, remark, extFields, body, serializeType };
}

/** Every header that a row uses, once. */
function headersOfTable(): Header<HeaderFields>[] {
  return [...new Map(rowHeaders().map(({ header }) => [header.name, header])).values()];
}

/** Our typed values are Java's, and what we write of them is what Java wrote of these fields. */
function expectTyped(header: Header<HeaderFields>, vector: HeaderVector): void {
  const where = `${header.name} ${vector.variant}`;
  const wireNames = new Map(
    Object.entries(header.fields).map(([property, field]) => [property, field.wireName ?? property]),
  );
  const declared = new Set(wireNames.values());
  const value = header.decode(vector.ext) as Readonly<Record<string, unknown>>;
  const byWireName = Object.entries(value).map(
    ([property, item]) => [wireNames.get(property), item] as const,
  );
  const expected = Object.entries(vector.fields).filter(([name]) => declared.has(name));
  expect(Object.fromEntries(byWireName), where).to.deep.equal(Object.fromEntries(expected));
  const written = { ...header.encode(value) };
  const ext = Object.entries(vector.ext).filter(([name]) => declared.has(name));
  expect(written, where).to.deep.equal(Object.fromEntries(ext));
}
