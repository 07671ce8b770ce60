import { expect } from 'chai';
import { describe, it } from 'mocha';

import { BrokerApi } from '../../../../lib/api/broker-api.ts';
import type { PullRequest, PullResult } from '../../../../lib/api/pull-message.ts';
import { ConnectError, RequestTimeoutError, ResponseError } from '../../../../lib/errors.ts';
import { MemoryNetwork } from '../../../../lib/remoting/memory-transport.ts';
import { RemotingClient } from '../../../../lib/remoting/remoting-client.ts';
import { seededRandom } from '../../../../lib/runtime/random.ts';
import { Commands } from '../../../../protocol/commands/index.ts';
import { encodeStoredMessage } from '../../../../protocol/message/stored-message.ts';
import { PullSysFlag } from '../../../../protocol/message/sys-flag.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { ScriptedServer } from '../routing/scripted-server.ts';
import type { Reaction } from '../routing/scripted-server.ts';

const address = '10.0.0.1:10911';
const queue = { topic: 'T', brokerName: 'broker-a', queueId: 3 };

async function createWorld(reactions: Readonly<Record<number, Reaction>> = {}) {
  const clock = new FakeClock();
  const network = new MemoryNetwork({ clock });
  const remoting = new RemotingClient({ clock, transport: network, random: seededRandom(1) });
  const broker = await new ScriptedServer(address, network, clock).open();
  for (const [code, reaction] of Object.entries(reactions)) broker.reactions.set(Number(code), reaction);
  const origin = { topic: 'T', brokerName: 'broker-a', brokerId: 0, nameServer: 'ns:9876' };
  const api = new BrokerApi(remoting, () => origin);
  const pull = async (request: Partial<PullRequest> = {}, timeout = 30_000, target = address) =>
    new Promise<PullResult>((resolve, reject) =>
      api.pullMessage(target, { ...pullRequest, ...request }, timeout, (error, result) =>
        result === undefined ? reject(error) : resolve(result),
      ),
    );
  return { clock, network, broker, api, pull };
}

const pullRequest: PullRequest = {
  consumerGroup: 'G',
  queue,
  queueOffset: 7,
  maxMsgNums: 32,
  maxMsgBytes: 262_144,
  sysFlag: PullSysFlag.commitOffset | PullSysFlag.suspend,
  commitOffset: 5,
  suspendTimeout: 15_000,
  subscription: '*',
  subVersion: 12,
  expressionType: 'TAG',
};

const pullAnswer = { suggestWhichBrokerId: '1', nextBeginOffset: '8', minOffset: '0', maxOffset: '9' };

const rejection = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

const storedMessage = (queueOffset: number): Buffer =>
  encodeStoredMessage({
    topic: 'T',
    queueId: 3,
    queueOffset,
    commitLogOffset: 1_000,
    sysFlag: 0,
    flag: 0,
    bornTimestamp: 1,
    bornHost: '10.0.0.8:1',
    storeTimestamp: 2,
    storeHost: '10.0.0.1:10911',
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    body: Buffer.from('hello'),
    properties: new Map([['TAGS', 'A']]),
  });

describe('pulling', () => {
  it('sends what Java sends, with the name of the broker', async () => {
    const { broker, pull } = await createWorld({ 11: () => ({ code: 19, extFields: pullAnswer }) });
    await pull();
    expect({ ...broker.received[0]?.extFields }).to.deep.equal({
      consumerGroup: 'G',
      topic: 'T',
      queueId: '3',
      queueOffset: '7',
      maxMsgNums: '32',
      sysFlag: '3',
      commitOffset: '5',
      suspendTimeoutMillis: '15000',
      subscription: '*',
      subVersion: '12',
      expressionType: 'TAG',
      maxMsgBytes: '262144',
      bname: 'broker-a',
    });
  });

  it('does not commit through a slave', async () => {
    const { broker, pull } = await createWorld({ 11: () => ({ code: 19, extFields: pullAnswer }) });
    await pull({ brokerId: 1 });
    expect(broker.received[0]?.extFields?.['sysFlag']).to.equal('2');
  });

  it('decodes the messages of an answer', async () => {
    const body = Buffer.concat([storedMessage(7), storedMessage(8)]);
    const { pull } = await createWorld({
      11: () => ({ code: 0, remark: 'FOUND', extFields: pullAnswer, body }),
    });
    const { records, ...result } = await pull();
    expect(result).to.deep.equal({
      status: 'FOUND',
      nextBeginOffset: 8,
      minOffset: 0,
      maxOffset: 9,
      suggestWhichBrokerId: 1,
      remark: 'FOUND',
    });
    const messages = records.flatMap((record) => (record.ok ? [record.message] : []));
    expect(
      messages.map(({ queueOffset, brokerName, tags }) => [queueOffset, brokerName, tags]),
    ).to.deep.equal([
      [7, 'broker-a', 'A'],
      [8, 'broker-a', 'A'],
    ]);
  });

  it('adds the offset delta of a logical queue', async () => {
    const extFields = { ...pullAnswer, offsetDelta: '100' };
    const { pull } = await createWorld({ 11: () => ({ code: 0, extFields, body: storedMessage(7) }) });
    const [record] = (await pull()).records;
    expect(record?.ok === true && record.message.queueOffset).to.equal(107);
  });

  for (const [code, status] of [
    [19, 'NO_NEW_MSG'],
    [20, 'NO_MATCHED_MSG'],
    [21, 'OFFSET_ILLEGAL'],
  ] as const) {
    it(`reads code ${code} as ${status}`, async () => {
      const { pull } = await createWorld({ 11: () => ({ code, extFields: pullAnswer }) });
      expect(await pull()).to.include({ status, nextBeginOffset: 8 });
    });
  }

  it('fails with the code of any other answer', async () => {
    const { pull } = await createWorld({ 11: () => ({ code: 24, remark: 'subscription not exist' }) });
    expect(await rejection(pull()))
      .to.be.instanceOf(ResponseError)
      .with.property('responseName', 'SUBSCRIPTION_NOT_EXIST');
  });

  it('fails with a broken answer instead of throwing at the connection', async () => {
    const { pull } = await createWorld({
      11: () => ({ code: 19, extFields: { ...pullAnswer, minOffset: 'x' } }),
    });
    expect(await rejection(pull())).to.have.property('code', 'ERR_RMQ_PROTOCOL');
  });

  it('fails when nothing comes in time, and says where an unreachable address was learned', async () => {
    const { pull, clock } = await createWorld({ 11: () => undefined });
    const late = rejection(pull({}, 20_000));
    await clock.advance(20_000);
    expect(await late).to.be.instanceOf(RequestTimeoutError);
    const unreachable = await rejection(pull({}, 1_000, '172.17.0.2:10911'));
    expect(unreachable).to.be.instanceOf(ConnectError);
    expect((unreachable as Error).message)
      .to.contain('172.17.0.2:10911')
      .and.to.contain('ns:9876')
      .and.to.contain('addressMap');
  });
});

describe('broker api', () => {
  it('tells a missing position from one of 0', async () => {
    const answers = [{ code: 22 }, { code: 0, extFields: { offset: '0' } }];
    const { api, broker } = await createWorld({ 14: () => answers.shift() });
    expect(await api.queryConsumerOffset(address, { group: 'G', queue })).to.equal(undefined);
    expect(await api.queryConsumerOffset(address, { group: 'G', queue, setZeroIfNotFound: false })).to.equal(
      0,
    );
    expect(broker.received[1]?.extFields).to.include({
      consumerGroup: 'G',
      topic: 'T',
      queueId: '3',
      bname: 'broker-a',
      setZeroIfNotFound: 'false',
    });
  });

  it('gives offset calls the 5 s of Java', async () => {
    const { api, clock } = await createWorld({ 15: () => undefined });
    const work = rejection(api.updateConsumerOffset(address, { group: 'G', queue, offset: 9 }));
    await clock.advance(4_900);
    expect(clock.pendingTimers).to.be.greaterThan(0);
    await clock.advance(200);
    expect(await work)
      .to.be.instanceOf(RequestTimeoutError)
      .with.property('after', 5_000);
  });

  it('reads a group without members as an empty list, but not other failures', async () => {
    const answers = [
      { code: 1, remark: 'no consumer for this group, G' },
      { code: 0, body: Buffer.from('{"consumerIdList":["b@2","a@1"]}') },
      { code: 1, remark: 'disk is full' },
    ];
    const { api } = await createWorld({ 38: () => answers.shift() });
    expect(await api.consumerIds(address, 'G')).to.deep.equal([]);
    expect(await api.consumerIds(address, 'G')).to.deep.equal(['b@2', 'a@1']);
    expect(await rejection(api.consumerIds(address, 'G'))).to.be.instanceOf(ResponseError);
  });

  it('answers which queues are locked', async () => {
    const row = Commands.lockBatchMq;
    const { api, broker } = await createWorld({
      41: () => ({ code: 0, body: row.responseBody.encode({ lockOKMQSet: [queue] }) }),
    });
    const other = { ...queue, queueId: 4 };
    const locked = await api.lockBatch(
      address,
      { group: 'G', clientId: 'c', queues: [queue, other] },
      { brokerName: 'broker-a' },
    );
    expect(locked).to.deep.equal([queue]);
    expect(row.requestBody.decode(broker.received[0]?.body)).to.deep.include({
      consumerGroup: 'G',
      clientId: 'c',
      mqSet: [queue, other],
    });
    expect(broker.received[0]?.extFields).to.include({ bname: 'broker-a' });
    await api.unlockBatch(address, { group: 'G', clientId: 'c', queues: [queue] });
  });

  it('takes the "stored, but" codes of a send for success', async () => {
    const extFields = { msgId: 'M', queueId: '3', queueOffset: '42', MSG_REGION: 'R' };
    const codes = [0, 10, 11, 12, 2];
    const { api, broker } = await createWorld({ 310: () => ({ code: codes.shift() ?? 0, extFields }) });
    const header = {
      producerGroup: 'P',
      topic: 'T',
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 4,
      queueId: 3,
      sysFlag: 0,
      bornTimestamp: 1,
      flag: 0,
      brokerName: 'broker-a',
    };
    const send = async () => api.sendMessage(address, header, Buffer.from('x'));
    const statuses = [];
    for (let turn = 0; turn < 4; turn++) statuses.push((await send()).status);
    expect(statuses).to.deep.equal([
      'SEND_OK',
      'FLUSH_DISK_TIMEOUT',
      'SLAVE_NOT_AVAILABLE',
      'FLUSH_SLAVE_TIMEOUT',
    ]);
    expect(await rejection(send()))
      .to.be.instanceOf(ResponseError)
      .with.property('responseName', 'SYSTEM_BUSY');
    expect(broker.received[0]?.extFields).to.include({ a: 'P', b: 'T', e: '3', n: 'broker-a' });
  });

  it('sends without an answer', async () => {
    const { api, broker, clock } = await createWorld();
    const header = {
      producerGroup: 'P',
      topic: 'T',
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 4,
      queueId: 3,
      sysFlag: 0,
      bornTimestamp: 1,
      flag: 0,
    };
    await api.sendMessageOneway(address, header, Buffer.from('x'));
    await clock.advance(1);
    expect(broker.received[0]).to.include({ code: 310, flag: 2 });
  });

  it('reads positions, times, and single messages', async () => {
    const offset = { code: 0, extFields: { offset: '12' } };
    const { api, broker } = await createWorld({
      29: () => offset,
      30: () => offset,
      31: () => offset,
      32: () => ({ code: 0, extFields: { timestamp: '99' } }),
      33: () => ({ code: 0, body: storedMessage(7) }),
    });
    expect(await api.maxOffset(address, queue)).to.equal(12);
    expect(await api.minOffset(address, queue)).to.equal(12);
    expect(await api.searchOffset(address, queue, 5)).to.equal(12);
    expect(await api.earliestStoreTime(address, queue)).to.equal(99);
    expect((await api.viewMessage(address, 1_000)).queueOffset).to.equal(7);
    for (const { extFields } of broker.received.slice(0, 4))
      expect(extFields).to.include({ topic: 'T', queueId: '3', bname: 'broker-a' });
  });

  it('creates topics with the defaults of Java, and sends messages back', async () => {
    const { api, broker } = await createWorld();
    await api.createTopic(address, { topic: 'N', readQueueNums: 8, writeQueueNums: 8 });
    expect(broker.received[0]?.extFields).to.include({
      topic: 'N',
      defaultTopic: 'TBW102',
      perm: '6',
      topicFilterType: 'SINGLE_TAG',
      order: 'false',
    });
    await api.sendMessageBack(address, {
      group: 'G',
      offset: 1_000,
      delayLevel: 3,
      originTopic: 'T',
      brokerName: 'broker-a',
      maxReconsumeTimes: 16,
    });
    expect(broker.received[1]?.extFields).to.include({
      group: 'G',
      offset: '1000',
      delayLevel: '3',
      unitMode: 'false',
      bname: 'broker-a',
      maxReconsumeTimes: '16',
    });
  });
});
