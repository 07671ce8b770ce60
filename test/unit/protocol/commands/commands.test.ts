import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  commandByCode,
  Commands,
  encodeCommand,
  FrameDecoder,
  ProtocolError,
  RequestCode,
  SerializeType,
} from '../../../../protocol/index.ts';
import type { Command, Field, Header, HeaderFields, RemotingCommand } from '../../../../protocol/index.ts';

/** Values that a field of each kind carries unharmed through both header forms. */
const values: Record<Field<unknown>['kind'], fc.Arbitrary<unknown>> = {
  // The binary form reads empty text as none, and lone surrogates are no UTF-8.
  string: fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !/[\ud800-\udfff]/u.test(text)),
  int: fc.integer(),
  long: fc.maxSafeInteger(),
  millis: fc.oneof(fc.maxSafeInteger(), fc.constant(Number.MAX_SAFE_INTEGER)),
  boolean: fc.boolean(),
  boundary: fc.constantFrom('LOWER', 'UPPER'),
};

function valueOf(header: Header<HeaderFields>): fc.Arbitrary<Record<string, unknown>> {
  const entries = Object.entries(header.fields).map(([name, field]) => [name, values[field.kind]] as const);
  const requiredKeys = Object.entries(header.fields).flatMap(([name, field]) =>
    field.required ? [name] : [],
  );
  return fc.record(Object.fromEntries(entries), { requiredKeys });
}

function throughFrame(command: RemotingCommand): RemotingCommand {
  const read: RemotingCommand[] = [];
  new FrameDecoder().push(encodeCommand({ ...command, language: 'OTHER' }), (item) => read.push(item));
  return read[0] as RemotingCommand;
}

const rows = Object.entries(Commands).map(([name, row]) => [name, row as Command] as const);

describe('the command table', () => {
  for (const [name, row] of rows) {
    for (const side of ['request', 'response'] as const) {
      const header = row[side];
      for (const serializeType of [SerializeType.JSON, SerializeType.ROCKETMQ]) {
        if (row.code > 0x7fff && serializeType === SerializeType.ROCKETMQ) continue;
        it(`carries the ${side} header of ${name} through the ${serializeType === 0 ? 'JSON' : 'binary'} form`, () => {
          fc.assert(
            fc.property(valueOf(header), fc.integer(), (value, opaque) => {
              const extFields = header.encode(value);
              const command = {
                code: row.code,
                language: 'OTHER',
                version: 479,
                opaque,
                flag: 0,
                extFields,
                serializeType,
              } as const;
              const read = throughFrame(command);
              expect(read.opaque).to.equal(opaque);
              expect(header.decode(read.extFields)).to.deep.equal(value);
            }),
            { numRuns: 25 },
          );
        });
      }

      it(`names what is missing of the ${side} header of ${name}`, () => {
        const required = Object.entries(header.fields).find(([, field]) => field.required)?.[0];
        if (required === undefined) {
          expect(header.decode(undefined)).to.deep.equal({});
          return;
        }
        expect(() => header.decode(undefined)).to.throw(
          ProtocolError,
          `${header.name}.${required}: is missing`,
        );
        expect(() => header.encode({})).to.throw(ProtocolError, `${header.name}.${required}: is required`);
      });
    }
  }

  it('has each code once, under the name that Java gives it', () => {
    expect(new Set(rows.map(([, row]) => row.code)).size).to.equal(rows.length);
    for (const [, row] of rows) {
      expect(RequestCode[row.name as keyof typeof RequestCode], row.name).to.equal(row.code);
      expect(commandByCode(row.code)).to.equal(row);
    }
  });

  it('knows no row for other codes', () => {
    expect(commandByCode(9999)).to.equal(undefined);
  });

  it('reads and writes empty bodies of every row without a failure', () => {
    for (const [name, row] of rows) {
      for (const body of [row.requestBody, row.responseBody]) {
        const value = body.decode(undefined);
        if (body.kind === 'json' && value === undefined) continue;
        const written = body.encode(value);
        expect(body.decode(written), name).to.deep.equal(value);
      }
    }
  });

  it('carries the fields of an unknown command as a map', () => {
    const read = throughFrame({
      code: 9999,
      language: 'OTHER',
      version: 1,
      opaque: 1,
      flag: 0,
      extFields: { any: 'thing' },
      serializeType: 0,
    });
    expect({ ...read.extFields }).to.deep.equal({ any: 'thing' });
  });

  it('refuses numbers that cannot be held exactly, but saturates times', () => {
    const { response } = Commands.queryConsumerOffset;
    expect(() => response.decode({ offset: '9007199254740993' })).to.throw(ProtocolError, /beyond 2\^53/);
    expect(() => response.decode({ offset: '12abc' })).to.throw(ProtocolError, /not a 64-bit integer/);
    expect(() => response.decode({ offset: '' })).to.throw(ProtocolError);
    const query = {
      topic: 't',
      key: 'k',
      maxNum: '1',
      beginTimestamp: '0',
      endTimestamp: '9223372036854775807',
    };
    expect(Commands.queryMessage.request.decode(query).endTimestamp).to.equal(Number.MAX_SAFE_INTEGER);
    expect(
      Commands.queryMessage.request.encode(Commands.queryMessage.request.decode(query))?.['endTimestamp'],
    ).to.equal('9223372036854775807');
  });
});
