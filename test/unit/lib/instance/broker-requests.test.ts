import { expect } from 'chai';
import { describe, it } from 'mocha';

import type { ClientInstance } from '../../../../lib/instance/client-instance.ts';
import type { TransactionCheck } from '../../../../lib/instance/roles.ts';
import { Commands } from '../../../../protocol/commands/index.ts';
import { encodeStoredMessage } from '../../../../protocol/message/stored-message.ts';
import type { Command } from '../../../../protocol/schema/command.ts';
import type { HeaderFields, HeaderValue } from '../../../../protocol/schema/header.ts';
import { createInstanceWorld, FakeConsumer, master, producerMember, producerRole } from './instance-world.ts';

const storedMessage = (properties: ReadonlyMap<string, string> = new Map()): Buffer =>
  encodeStoredMessage({
    topic: 'T',
    queueId: 1,
    queueOffset: 5,
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
    properties,
  });

async function createWorld() {
  const world = await createInstanceWorld();
  const { instance, consumer } = await world.startConsumer();
  const connection = world.broker.connections[0];
  if (connection === undefined) throw new Error('Not connected');
  const ask = async <Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
  ) => {
    const work = connection.invoke(row, header, body, 10_000);
    await world.clock.advance(10);
    const answer = await work;
    return { answer, body: answer.code === 0 ? row.responseBody.decode(answer.body) : undefined };
  };
  const tell = async <Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
  ) => {
    connection.oneway(row, header, body);
    await world.clock.advance(10);
  };
  return { ...world, instance, consumer, ask, tell, end: async () => end(instance) };
}

const end = async (instance: ClientInstance): Promise<void> => instance.shutdown();

describe('requests of brokers', () => {
  it('40 wakes the consumer of the group, and only that', async () => {
    const { tell, consumer, instance, clock, end } = await createWorld();
    const other = new FakeConsumer('H');
    await instance.addConsumer(other);
    await tell(Commands.notifyConsumerIdsChanged, { consumerGroup: 'G' }, undefined);
    expect(consumer.triggers).to.deep.equal([
      { kind: 'membersChanged', at: clock.now() - 10, broker: master },
    ]);
    await tell(Commands.notifyConsumerIdsChanged, { consumerGroup: 'unknown' }, undefined);
    expect(consumer.triggers).to.have.length(1);
    expect(other.triggers).to.have.length(0);
    await end();
  });

  it('220 resets the positions of the group', async () => {
    const { tell, consumer, end } = await createWorld();
    const queue = { topic: 'T', brokerName: 'broker-a', queueId: 2 };
    const header = { topic: 'T', group: 'G', timestamp: 0, isForce: true };
    await tell(Commands.resetConsumerClientOffset, header, { offsetTable: [[queue, 17]] });
    expect(consumer.calls).to.deep.equal([['T', [[queue, 17]]]]);
    await tell(
      Commands.resetConsumerClientOffset,
      { ...header, group: 'unknown' },
      { offsetTable: [[queue, 18]] },
    );
    expect(consumer.calls).to.have.length(1);
    await end();
  });

  it('221 answers the positions that the consumer holds', async () => {
    const { ask, end } = await createWorld();
    const { body } = await ask(Commands.getConsumerStatusFromClient, { topic: 'T', group: 'G' }, undefined);
    expect(body?.messageQueueTable).to.deep.equal([[{ topic: 'T', brokerName: 'broker-a', queueId: 1 }, 42]]);
    await end();
  });

  it('307 answers the running info', async () => {
    const { ask, end, instance } = await createWorld();
    const header = { consumerGroup: 'G', clientId: instance.clientId };
    const { body } = await ask(Commands.getConsumerRunningInfo, header, undefined);
    expect(body?.properties.get('PROP_CONSUME_TYPE')).to.equal('CONSUME_PASSIVELY');
    await end();
  });

  it('309 runs the listener once', async () => {
    const { ask, end, consumer } = await createWorld();
    const header = { consumerGroup: 'G', brokerName: 'broker-a' };
    const { body } = await ask(Commands.consumeMessageDirectly, header, storedMessage());
    expect(body).to.include({ consumeResult: 'CR_SUCCESS', spentTimeMills: 3 });
    expect(consumer.calls[0]?.[0]).to.include({ topic: 'T', queueOffset: 5 });
    expect(consumer.calls[0]?.[1]).to.equal('broker-a');
    await end();
  });

  it('are answered with 1 for a group that is not run here', async () => {
    const { ask, end } = await createWorld();
    const answers = [
      await ask(Commands.getConsumerStatusFromClient, { topic: 'T', group: 'X' }, undefined),
      await ask(Commands.getConsumerRunningInfo, { consumerGroup: 'X', clientId: 'c' }, undefined),
      await ask(Commands.consumeMessageDirectly, { consumerGroup: 'X' }, storedMessage()),
    ];
    for (const { answer } of answers) {
      expect(answer.code).to.equal(1);
      expect(answer.remark).to.contain('X').and.to.contain('not exist');
    }
    await end();
  });

  it('are answered with 3 when their code is not known, and 1 when the body is broken', async () => {
    const { ask, end } = await createWorld();
    const unknown = await ask(
      { ...Commands.getConsumerRunningInfo, code: 4_444 },
      { consumerGroup: 'G', clientId: 'c' },
      undefined,
    );
    expect(unknown.answer).to.include({ code: 3 });
    expect(unknown.answer.remark).to.contain('4444');
    const broken = await ask(
      Commands.consumeMessageDirectly,
      { consumerGroup: 'G' },
      Buffer.from('no message'),
    );
    expect(broken.answer.code).to.equal(1);
    await end();
  });

  it('are refused from an address that is no broker of the routes', async () => {
    const { instance, nameServer, clock, consumer, end } = await createWorld();
    const connection = nameServer.connections[0];
    if (connection === undefined) throw new Error('Not connected');
    const header = { consumerGroup: 'G', clientId: instance.clientId };
    const asked = connection.invoke(Commands.getConsumerRunningInfo, header, undefined, 1_000);
    connection.oneway(Commands.notifyConsumerIdsChanged, { consumerGroup: 'G' }, undefined);
    await clock.advance(10);
    expect((await asked).code).to.equal(16);
    expect(consumer.triggers).to.have.length(0);
    await end();
  });

  it('39 goes to the producer of the half message', async () => {
    const { instance, obtain, tell, end } = await createWorld();
    const checks: TransactionCheck[] = [];
    const member = producerMember();
    expect(obtain(member)).to.equal(instance);
    await instance.addProducer({ ...producerRole(), checkTransactionState: (check) => checks.push(check) });
    const header = {
      tranStateTableOffset: 3,
      commitLogOffset: 1_000,
      transactionId: 'X1',
      brokerName: 'broker-a',
    };
    await tell(Commands.checkTransactionState, header, storedMessage(new Map([['PGROUP', 'P']])));
    await tell(Commands.checkTransactionState, header, storedMessage(new Map([['PGROUP', 'unknown']])));
    expect(checks).to.have.length(1);
    expect(checks[0]).to.include({
      tranStateTableOffset: 3,
      transactionId: 'X1',
      address: master,
      brokerName: 'broker-a',
    });
    expect(checks[0]?.message.queueOffset).to.equal(5);
    await end();
  });

  it('326 goes to the producer that waits for the reply', async () => {
    const { instance, ask, end } = await createWorld();
    const replies: string[] = [];
    await instance.addProducer(producerRole('P1'));
    await instance.addProducer({
      ...producerRole('P2'),
      receiveReply: ({ body }) => replies.push(String(body)) > 0,
    });
    const header = {
      producerGroup: 'P2',
      topic: 'T',
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 4,
      queueId: 0,
      sysFlag: 0,
      bornTimestamp: 1,
      flag: 0,
      bornHost: '10.0.0.8:1',
      storeHost: '10.0.0.1:10911',
      storeTimestamp: 2,
    };
    const { answer } = await ask(Commands.pushReplyMessageToClient, header, Buffer.from('pong'));
    expect(answer.code).to.equal(0);
    expect(replies).to.deep.equal(['pong']);
    await end();
  });
});
