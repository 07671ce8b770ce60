import { expect } from 'chai';
import { describe, it } from 'mocha';
import { deflateSync } from 'node:zlib';

import { ownMemory } from '../../../../protocol/message/own-memory.ts';
import { decodeStoredMessages, encodeStoredMessage } from '../../../../protocol/message/stored-message.ts';
import type { ReceivedMessage } from '../../../../protocol/message/stored-message.ts';
import { SysFlag } from '../../../../protocol/message/sys-flag.ts';

const record = (queueOffset: number, body: Buffer, sysFlag = 0): Buffer =>
  encodeStoredMessage({
    topic: 'Topic',
    queueId: 0,
    queueOffset,
    commitLogOffset: queueOffset * 1_000,
    sysFlag,
    flag: 0,
    bornTimestamp: 1,
    bornHost: '10.0.0.9:5555',
    storeTimestamp: 2,
    storeHost: '10.0.0.1:10911',
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    body,
    properties: new Map([['KEYS', `key-${queueOffset}`]]),
  });

/** The messages of these records, as views of memory that holds `around` bytes more. */
function read(records: readonly Buffer[], around: number): ReceivedMessage[] {
  const bytes = Buffer.concat(records);
  const memory = Buffer.allocUnsafeSlow(bytes.length + around);
  bytes.copy(memory, around);
  return decodeStoredMessages(memory.subarray(around), { maxBodySize: 1_000_000 }).flatMap((each) =>
    each.ok ? [each.message] : [],
  );
}

const held = (messages: readonly ReceivedMessage[]): number =>
  [...new Set(messages.map(({ memory }) => memory.buffer))].reduce(
    (sum, { byteLength }) => sum + byteLength,
    0,
  );

describe('ownMemory', () => {
  const body = Buffer.alloc(200, 120);
  const records = [record(5, body), record(6, body), record(7, Buffer.from('last'))];

  it('gives messages that are a small part of an answer memory of their own, and changes nothing of them', () => {
    const before = read(records, 250_000).map((message) => message.toJSON());
    const messages = read(records, 250_000);
    expect(held(messages)).to.be.above(250_000);
    ownMemory(messages);
    expect(held(messages)).to.equal(records.reduce((sum, { length }) => sum + length, 0));
    expect(messages.map((message) => message.toJSON())).to.deep.equal(before);
  });

  it('does the same when only some of the messages are kept', () => {
    const kept = read(records, 0).slice(2);
    ownMemory(kept);
    expect(held(kept)).to.equal(records[2]?.length);
    expect([kept[0]?.text(), kept[0]?.queueOffset, kept[0]?.keys]).to.deep.equal(['last', 7, ['key-7']]);
  });

  it('does the same when messages between them are not kept', () => {
    const all = read(records, 0);
    const kept = [all[0], all[2]].flatMap((message) => message ?? []);
    const expected = kept.map((message) => message.toJSON());
    const again = read([...records, record(8, Buffer.alloc(5_000))], 0);
    const [first, , third] = again;
    if (first === undefined || third === undefined) throw new Error('four records were written');
    ownMemory([first, third]);
    expect([first, third].map((message) => message.toJSON())).to.deep.equal(expected);
    expect(held([first, third])).to.equal(first.storeSize + third.storeSize);
  });

  it('copies nothing of an answer that is kept as it is', () => {
    const messages = read(records, 100);
    const memory = messages[0]?.memory;
    ownMemory(messages);
    expect(messages.every((message) => message.memory === memory)).to.equal(true);
  });

  it('keeps what was inflated, and counts it', () => {
    const large = Buffer.alloc(50_000, 120);
    const [message] = read([record(1, deflateSync(large), SysFlag.compressed)], 10_000);
    if (message === undefined) throw new Error('one record was written');
    ownMemory([message]);
    expect(message.body.equals(large)).to.equal(true);
    expect(held([message])).to.equal(message.storeSize);
    expect(message.heldSize).to.equal(message.storeSize + 50_000);
  });

  it('takes nothing for nothing', () => {
    expect(() => ownMemory([])).to.not.throw();
  });
});
