import * as zlib from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { before, describe, it } from 'mocha';
import {
  AclField,
  compress,
  compressionFlags,
  Credentials,
  encodeBatch,
  encodeCommand,
  encodeProperties,
  encodeStoredMessage,
  SerializeType,
  signRequest,
} from '../../protocol/index.ts';
import type { CompressionType, ExtFields } from '../../protocol/index.ts';
import { buildJava } from '../support/java.ts';
import { arbitraryHeader, type RowHeader, rowHeaders } from './arbitrary-headers.ts';
import { bodiesOfTable } from './bodies-of-table.ts';
import {
  bodyVectors,
  type Generation,
  GENERATIONS,
  type MessageValues,
  type Neutral,
} from './golden-vectors.ts';
import { changedVectors } from './regenerate-vectors.ts';

const FRAMES_PER_HEADER = 5;
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** What `rmq.FrameReader` answers to a line. */
interface Answer {
  readonly error?: string;
  readonly unknown?: string;
  readonly ext?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly value?: Neutral;
  readonly [member: string]: unknown;
}

interface Question {
  readonly line: string;
  readonly check: (answer: Answer) => void;
}

describe('conformance: live Java', function () {
  this.timeout(300_000);

  before(function () {
    if (process.env['ROCKETMQ_JAVA'] === '1') {
      console.log(`      SEED=${seed}`);
      return;
    }
    console.log('      not asking Java: set ROCKETMQ_JAVA=1 (needs Java 17 and Maven)');
    this.skip();
  });

  for (const generation of GENERATIONS) {
    it(`Java ${generation} writes the committed vectors`, async () => {
      expect(await changedVectors(generation)).to.deep.equal([]);
    });

    it(`Java ${generation} reads the frames of every row as we wrote them`, async () => {
      const headers = rowHeaders();
      const questions = headers.flatMap((row) => [
        ...frameQuestions(row, SerializeType.JSON),
        ...(row.code > 0x7fff ? [] : frameQuestions(row, SerializeType.ROCKETMQ)),
      ]);
      const unknown = await ask(generation, questions);
      console.log(
        `      ${generation}: ${questions.length} frames of ${headers.length} headers; Java has no ${[...unknown].join(', ')}`,
      );
    });

    it(`Java ${generation} reads our bodies`, async () => {
      const bodies = bodiesOfTable();
      const questions = bodyVectors(generation).flatMap(
        ({ class: name, text, value, variant }): Question[] => {
          const body = bodies.get(name);
          const bytes = body?.encode(body.decode(Buffer.from(text)));
          if (bytes === undefined || variant === 'minimal') return [];
          const check = (answer: Answer): void => {
            expect(lost(answer.value, value, name), `${name} ${variant} ${answer.error}`).to.deep.equal([]);
          };
          return [{ line: `body ${name} ${bytes.toString('hex')}`, check }];
        },
      );
      await ask(generation, questions);
      console.log(`      ${generation}: ${questions.length} bodies`);
    });

    it(`Java ${generation} signs requests of every row as we do`, async () => {
      const questions = rowHeaders().flatMap((row) => (row.isResponse ? [] : signatureQuestions(row)));
      await ask(generation, questions);
      console.log(`      ${generation}: ${questions.length} requests`);
    });

    it(`Java ${generation} reads our stored messages and batches`, async () => {
      const messages = fc.sample(arbitraryMessage(generation), { seed, numRuns: 200 }).map(messageQuestion);
      const batches = fc.sample(fc.array(arbitraryMember, { minLength: 1, maxLength: 5 }), {
        seed,
        numRuns: 50,
      });
      await ask(generation, [...messages, ...batches.map(batchQuestion)]);
    });

    for (const type of ['zlib', 'lz4', 'zstd'] as const) {
      it(`Java ${generation} inflates what we compress (${type})`, async function () {
        if (type === 'zstd' && !('zstdCompressSync' in zlib)) {
          console.log(`      Node ${process.version} cannot write zstd: Node 22.15 or later can`);
          this.skip();
        }
        const bodies = fc.sample(compressible, { seed, numRuns: 100 });
        await ask(
          generation,
          bodies.map((body) => compressedQuestion(body, type)),
        );
      });
    }
  }
});

/** Asks one Java process; gives the names of the classes that it does not have. */
async function ask(generation: Generation, questions: readonly Question[]): Promise<Set<string>> {
  const { runJava } = await buildJava(generation);
  const stdin = questions.map(({ line }) => `${line}\n`).join('');
  const answers = (await runJava('rmq.FrameReader', [], { stdin })).trimEnd().split('\n');
  expect(answers).to.have.length(questions.length);
  const unknown = new Set<string>();
  questions.forEach(({ check }, index) => {
    const answer = JSON.parse(answers[index] ?? '{}') as Answer;
    if (answer.unknown === undefined) check(answer);
    else unknown.add(answer.unknown);
  });
  return unknown;
}

function frameQuestions({ code, header, isResponse }: RowHeader, serializeType: 0 | 1): Question[] {
  const values = fc.sample(arbitraryHeader(header, serializeType), {
    seed: seed + code,
    numRuns: FRAMES_PER_HEADER,
  });
  return values.map((value, opaque) => {
    const extFields = header.encode(value);
    const command = { code, version: 479, opaque, flag: isResponse ? 1 : 0, language: 'OTHER' } as const;
    const rest = { ...command, serializeType, body: Buffer.of(opaque + 1) };
    // Every other frame is written straight from the value, as hot commands are.
    const frame =
      opaque % 2 === 0
        ? encodeCommand({ ...rest, extFields })
        : encodeCommand({ ...rest, headerType: header, header: value });
    const check = (answer: Answer): void => {
      const where = `${header.name} ${JSON.stringify(value)} ${answer.error ?? ''}`;
      const { ext, fields = {}, body, ...rest } = answer;
      expect(rest, where).to.deep.equal(command);
      expect(body, where).to.equal(`0${opaque + 1}`);
      expect(ext, where).to.deep.equal({ ...extFields });
      for (const [property, item] of Object.entries(value)) {
        const name = header.fields[property]?.wireName ?? property;
        if (item !== undefined && name in fields) expect(fields[name], `${where} ${name}`).to.equal(item);
      }
    };
    return { line: `frame ${header.name} ${frame.toString('hex')}`, check };
  });
}

/** Requests as we wrote and signed them, which Java's hook signs again. */
function signatureQuestions({ code, header }: RowHeader): Question[] {
  const values = fc.sample(arbitraryHeader(header, SerializeType.JSON), { seed: seed + code, numRuns: 2 });
  return values.map((value, opaque) => {
    const extFields: ExtFields = { ...header.encode(value) };
    const body = opaque === 0 ? undefined : Buffer.from(`消息 ${code}`);
    const signature = signRequest(extFields, body, new Credentials({ accessKey: 'AK', secretKey: 'SK' }));
    extFields[AclField.signature] = signature;
    const rest = { code, version: 479, opaque, flag: 0, language: 'OTHER' } as const;
    const frame = encodeCommand({ ...rest, serializeType: SerializeType.JSON, extFields, body });
    const check = ({ value: theirs, error }: Answer): void => {
      expect(theirs, `${header.name} ${JSON.stringify(value)} ${error}`).to.equal(signature);
    };
    return { line: `sign - ${frame.toString('hex')}`, check };
  });
}

/** What Java held and does not read back; what it holds more is a default of ours. */
function lost(now: unknown, before: Neutral, where: string): string[] {
  if (typeof before !== 'object')
    return now === before || UNWRITTEN.test(where) ? [] : [`${where}: ${String(now)}, was ${String(before)}`];
  if (typeof now !== 'object' || now === null) return UNWRITTEN.test(where) ? [] : [`${where}: gone`];
  if (Array.isArray(before) && isUnordered(before)) {
    const rest = [...(now as readonly Neutral[])];
    return (before as readonly Neutral[]).flatMap((item) => {
      const found = rest.findIndex((candidate) => lost(candidate, item, where).length === 0);
      if (found >= 0) rest.splice(found, 1);
      return found >= 0 ? [] : [`${where}: no ${JSON.stringify(item).slice(0, 200)}`];
    });
  }
  const members = now as Readonly<Record<string, unknown>>;
  return Object.entries(before).flatMap(([name, item]) =>
    lost(members[name], item, Array.isArray(before) ? `${where}[]` : `${where}.${name}`),
  );
}

const isUnordered = (items: readonly unknown[]): boolean => items.length > 0;

/** Java's fields that travel in no body, or that we do not model; see compare-values.ts. */
const UNWRITTEN = /filterClassSource|\.hash$|isActivated|userConsumerInfo|filterServerTable|TimeStampStr$/;

type StoredFields = Parameters<typeof encodeStoredMessage>[0];

const word = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => !text.includes('\u0001') && !text.includes('\u0002'));
const properties = fc.array(fc.tuple(word, word), { maxLength: 5 }).map((entries) => new Map(entries));
const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));
const host = fc.oneof(
  fc.ipV4().map((ip) => `${ip.split('.').map(Number).join('.')}:10911`),
  fc.constantFrom('[2001:db8::9]:5555', '[fe80::1]:10911'),
);

function arbitraryMessage(generation: Generation): fc.Arbitrary<StoredFields> {
  const offset = fc.maxSafeNat();
  // Only 5.1 and later know records with long topics.
  const topic = fc.stringMatching(
    generation === '4.9.7' ? /^[a-zA-Z0-9_%-]{1,100}$/ : /^[a-zA-Z0-9_%-]{1,200}$/,
  );
  return fc.record({
    topic,
    queueId: fc.nat(),
    queueOffset: offset,
    commitLogOffset: offset,
    flag: fc.integer(),
    sysFlag: fc.constantFrom(0, 2, 4, 8, 12),
    bornTimestamp: offset,
    bornHost: host,
    storeTimestamp: offset,
    storeHost: host,
    reconsumeTimes: fc.nat(),
    preparedTransactionOffset: offset,
    body: bytes,
    properties,
  });
}

function messageQuestion(fields: StoredFields): Question {
  const check = (answer: Answer): void => {
    const [message] = answer.value as unknown as readonly MessageValues[];
    const where = JSON.stringify([fields, answer]);
    const {
      topic,
      queueId,
      queueOffset,
      commitLogOffset,
      flag,
      bornTimestamp,
      storeTimestamp,
      reconsumeTimes,
    } = fields;
    expect(message, where).to.include({ topic, queueId, queueOffset, commitLogOffset, flag });
    expect(message, where).to.include({ bornTimestamp, storeTimestamp, reconsumeTimes });
    expect(message?.body, where).to.equal(fields.body.toString('hex'));
    expect(new Map(message?.properties), where).to.deep.equal(
      new Map(fields.properties as ReadonlyMap<string, string>),
    );
  };
  return { line: `messages - ${encodeStoredMessage(fields).toString('hex')}`, check };
}

/** Bodies in which something repeats, and such as do not get smaller. */
const compressible = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 2_000 }))
  .map(([piece, times]) => Buffer.concat(Array.from({ length: times }, () => piece)));

function compressedQuestion(body: Buffer, type: CompressionType): Question {
  const fields = {
    topic: 'Compressed',
    queueId: 0,
    queueOffset: 0,
    commitLogOffset: 0,
    flag: 0,
    sysFlag: compressionFlags(type),
    bornTimestamp: 0,
    bornHost: '10.0.0.1:1',
    storeTimestamp: 0,
    storeHost: '10.0.0.2:1',
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    body: compress(body, type),
    properties: new Map<string, string>(),
  };
  const check = (answer: Answer): void => {
    const [message] = answer.value as unknown as readonly MessageValues[];
    expect(message?.body).to.equal(body.toString('hex'));
  };
  return { line: `messages - ${encodeStoredMessage(fields).toString('hex')}`, check };
}

const arbitraryMember = fc.record({
  flag: fc.integer(),
  body: bytes.filter(({ length }) => length > 0),
  properties,
});

function batchQuestion(
  members: readonly {
    readonly flag: number;
    readonly body: Buffer;
    readonly properties: Map<string, string>;
  }[],
): Question {
  const encoded = encodeBatch(
    members.map((member) => ({ ...member, properties: encodeProperties(member.properties) })),
  );
  const check = (answer: Answer): void => {
    const read = answer.value as unknown as readonly {
      flag: number;
      body: string;
      properties: [string, string][];
    }[];
    expect(read.map((member) => ({ ...member, properties: new Map(member.properties) }))).to.deep.equal(
      members.map((member) => ({ ...member, body: member.body.toString('hex') })),
    );
  };
  return { line: `batch - ${encoded.toString('hex')}`, check };
}
