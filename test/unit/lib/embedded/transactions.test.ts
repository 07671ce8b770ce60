import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Commands } from '../../../../protocol/commands/index.ts';
import type { RemotingCommand } from '../../../../protocol/remoting-command.ts';
import { messagesOf, type RawClient, World } from './world.ts';

const properties = 'TRAN_MSG\u0001true\u0002PGROUP\u0001P\u0002UNIQ_KEY\u0001U\u0002';

async function prepare(client: RawClient): Promise<{ queueOffset: number; commitLogOffset: number }> {
  const { extFields } = await client.send('T', { sysFlag: 4, queueId: 1, properties }, 'paid');
  const commitLogOffset = Number.parseInt(extFields?.['msgId']?.slice(16) ?? '', 16);
  return { queueOffset: Number(extFields?.['queueOffset']), commitLogOffset };
}

async function end(
  world: World,
  client: RawClient,
  { queueOffset, commitLogOffset }: { queueOffset: number; commitLogOffset: number },
  commitOrRollback: number,
  producerGroup = 'P',
): Promise<RemotingCommand> {
  const header = {
    producerGroup,
    tranStateTableOffset: queueOffset,
    commitLogOffset,
    commitOrRollback,
    fromTransactionCheck: false,
    msgId: 'U',
  };
  return client.remoting.request(world.broker, Commands.endTransaction, header, undefined);
}

describe('Embedded broker, transactions', () => {
  it('shows a prepared message when it is committed', async () => {
    await using world = await World.start({ topics: { T: 2 } });
    const client = world.client();
    const half = await prepare(client);
    expect(world.cluster.messages('T')).to.have.lengthOf(0);
    expect((await end(world, client, half, 8)).code).to.equal(0);
    const [message] = world.cluster.messages('T');
    expect(message).to.include({
      queueId: 1,
      messageId: 'U',
      sysFlag: 8,
      preparedTransactionOffset: half.commitLogOffset,
    });
    expect(message?.text()).to.equal('paid');
    expect(Object.fromEntries(message?.properties ?? [])).to.include({ __transactionId__: 'U', PGROUP: 'P' });
    expect(message?.properties.has('REAL_TOPIC')).to.equal(false);
  });

  it('never shows one that is rolled back, nor ends one for a stranger', async () => {
    await using world = await World.start({ topics: { T: 2 } });
    const client = world.client();
    const half = await prepare(client);
    expect(await end(world, client, half, 8, 'Other')).to.include({
      code: 1,
      remark: 'The producer group wrong',
    });
    const wrongOffset = await end(world, client, { ...half, queueOffset: 9 }, 8);
    expect(wrongOffset.remark).to.equal('The transaction state table offset wrong');
    expect((await end(world, client, half, 12)).code).to.equal(0);
    await world.clock.advance(600_000);
    expect(world.cluster.messages('T')).to.have.lengthOf(0);
    expect(world.clock.pendingTimers).to.equal(0);
  });

  it('asks the producer after 6 s and every 30 s, 15 times, with new offsets each time', async () => {
    await using world = await World.start({ topics: { T: 2 } });
    const client = world.client();
    const checks: {
      queueOffset: number;
      commitLogOffset: number;
      text: string | undefined;
      topic: string | undefined;
    }[] = [];
    client.remoting.handle(Commands.checkTransactionState, ({ header, command }) => {
      const [message] = messagesOf(command);
      const { tranStateTableOffset: queueOffset, commitLogOffset } = header;
      checks.push({ queueOffset, commitLogOffset, text: message?.text(), topic: message?.topic });
      return undefined;
    });
    const heartbeat = { clientID: 'p@1', producerDataSet: [{ groupName: 'P' }], consumerDataSet: [] };
    const beat = async (): Promise<unknown> =>
      client.remoting.request(world.broker, Commands.heartBeat, {}, heartbeat);
    await beat();
    await prepare(client);
    await world.clock.advance(5_999);
    expect(checks).to.have.lengthOf(0);
    await world.clock.advance(1);
    expect(checks).to.have.lengthOf(1);
    for (let minute = 0; minute < 10; minute++) {
      await beat();
      await world.clock.advance(60_000);
    }
    expect(checks).to.have.lengthOf(15);
    expect(new Set(checks.map((check) => check.commitLogOffset)).size).to.equal(15);
    expect(checks[14]).to.include({ text: 'paid', topic: 'T', queueOffset: 15 });
    const last = checks[14];
    if (last !== undefined) expect((await end(world, client, last, 8)).code).to.equal(0);
    expect(world.cluster.messages('T')).to.have.lengthOf(1);
  });
});
