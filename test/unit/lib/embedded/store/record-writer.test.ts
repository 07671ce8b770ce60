import { expect } from 'chai';
import { describe, it } from 'mocha';
import { RecordWriter, type StoredBytes } from '../../../../../lib/embedded/store/record-writer.ts';
import { mannersOf } from '../../../../../lib/embedded/manners.ts';
import { StoredRecord } from '../../../../../lib/embedded/store/stored-record.ts';
import { PlainPropertiesReader } from '../../../../../lib/embedded/store/plain-properties.ts';
import { decodeProperties, encodeProperties } from '../../../../../protocol/message/properties.ts';
import {
  encodeStoredMessage,
  type StoredMessageFields,
} from '../../../../../protocol/message/stored-encoder.ts';

const fields: StoredMessageFields = {
  topic: 'T',
  queueId: 3,
  queueOffset: 2 ** 33 + 1,
  commitLogOffset: 2 ** 40 + 7,
  sysFlag: 9,
  flag: -1,
  bornTimestamp: 1_700_000_000_000,
  bornHost: '10.0.0.1:4000',
  storeTimestamp: 1_700_000_000_001,
  storeHost: '127.0.0.1:10911',
  reconsumeTimes: 2,
  preparedTransactionOffset: 5,
  body: Buffer.from('größer'),
  properties: new Map([['k', 'größer ✓']]),
};

const bytesOf = ({ bytes, start }: StoredBytes): Buffer => new StoredRecord(bytes, start).bytes;

describe('RecordWriter', () => {
  it('writes what encodeStoredMessage writes', () => {
    const writer = new RecordWriter();
    const variants: Partial<StoredMessageFields>[] = [
      {},
      { body: Buffer.alloc(0), properties: '' },
      { bornHost: '[2001:db8::9]:5' },
      { topic: 't'.repeat(200) },
      { topic: 'größer' },
      { body: Buffer.alloc(100_000, 'x') },
      { properties: new Map([['k', 'x'.repeat(20_000)]]) },
    ];
    // More than one slab.
    for (let round = 0; round < 4_000; round++) {
      const message = { ...fields, queueOffset: round, ...variants[round % variants.length] };
      const written = bytesOf(writer.write(message));
      if (round < 50 || round % 97 === 0)
        expect(written.equals(encodeStoredMessage(message)), String(round)).to.equal(true);
    }
  });

  it('leaves written records as they are', () => {
    const writer = new RecordWriter();
    const first = bytesOf(writer.write(fields));
    const copy = Buffer.from(first);
    for (let count = 0; count < 20_000; count++) writer.write(fields);
    expect(first.equals(copy)).to.equal(true);
  });
});

describe('PlainPropertiesReader', () => {
  const reader = (generation: '4.9' | '5'): PlainPropertiesReader =>
    new PlainPropertiesReader(mannersOf(generation), 'DefaultCluster');

  it('adds what brokers add, and finds tag and unique key', () => {
    const text = encodeProperties(new Map(Object.entries({ TAGS: 'A', own: 'x', UNIQ_KEY: 'U' })));
    for (const given of [text, text.slice(0, -1)]) {
      const plain = reader('5').read(given);
      expect(plain).to.include({ tags: 'A', uniqueKey: 'U' });
      expect(Object.fromEntries(decodeProperties(`${plain?.text}${plain?.added.toString()}`))).to.deep.equal({
        TAGS: 'A',
        own: 'x',
        UNIQ_KEY: 'U',
        CLUSTER: 'DefaultCluster',
        MSG_REGION: 'DefaultRegion',
        TRACE_ON: 'true',
      });
    }
  });

  it('leaves alone what needs more than to be stored', () => {
    const refused = (generation: '4.9' | '5', properties: Record<string, string>): boolean =>
      reader(generation).read(encodeProperties(new Map(Object.entries(properties)))) === undefined;
    for (const name of ['DELAY', 'TIMER_DELAY_MS', 'TRAN_MSG', 'POP_CK', 'CLUSTER', 'REAL_TOPIC'])
      expect(refused('5', { UNIQ_KEY: 'U', [name]: '1' }), name).to.equal(true);
    expect(refused('5', { own: 'without a key' })).to.equal(true);
    expect(refused('5', { UNIQ_KEY: 'U', WAIT: 'true' })).to.equal(false);
    expect(refused('4.9', { UNIQ_KEY: 'U', WAIT: 'true' })).to.equal(true);
    expect(reader('5').read('UNIQ_KEY\u0001U\u0002empty\u0001\u0002')).to.equal(undefined);
  });
});
