import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Commands } from '../../../../protocol/commands/index.ts';
import { messagesOf, World } from './world.ts';

describe('Embedded broker, requests for clients', () => {
  it('hands a question about a member on to it', async () => {
    await using world = await World.start();
    const [admin, member] = [world.client(), world.client()];
    const info = {
      properties: new Map([['PROP_CONSUME_TYPE', 'CONSUME_PASSIVELY']]),
      subscriptionSet: [],
      mqTable: [],
      statusTable: new Map(),
    };
    member.remoting.handle(Commands.getConsumerRunningInfo, ({ header }) => ({
      body: { ...info, jstack: header.clientId },
    }));
    await member.heartbeat('c@1', { groupName: 'G' });
    const header = { consumerGroup: 'G', clientId: 'c@1' };
    const { body } = await admin.remoting.invoke(
      world.broker,
      Commands.getConsumerRunningInfo,
      header,
      undefined,
    );
    expect(body.properties.get('PROP_CONSUME_TYPE')).to.equal('CONSUME_PASSIVELY');
    expect(body.jstack).to.equal('c@1');
    const absent = await admin.remoting.request(
      world.broker,
      Commands.getConsumerRunningInfo,
      { ...header, clientId: 'c@2' },
      undefined,
    );
    expect(absent).to.include({ code: 1, remark: 'The Consumer <G> <c@2> not online' });
  });

  it('gives up on a member that does not answer in 10 s', async () => {
    await using world = await World.start();
    const [admin, member] = [world.client(), world.client()];
    member.remoting.handle(Commands.getConsumerRunningInfo, async () => new Promise(() => undefined));
    await member.heartbeat('c@1', { groupName: 'G' });
    const header = { consumerGroup: 'G', clientId: 'c@1' };
    const answer = admin.remoting.request(world.broker, Commands.getConsumerRunningInfo, header, undefined, {
      timeout: 20_000,
    });
    await world.clock.advance(10_000);
    expect((await answer).code).to.equal(207);
  });

  it('gives a member a stored message to consume at once', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const [admin, member] = [world.client(), world.client()];
    await admin.send('T', {}, 'again');
    const seen: unknown[] = [];
    member.remoting.handle(Commands.consumeMessageDirectly, ({ header, command }) => {
      seen.push(header.brokerName, ...messagesOf(command).map((message) => message.text()));
      return { body: { order: false, autoCommit: true, consumeResult: 'CR_SUCCESS', spentTimeMills: 1 } };
    });
    await member.heartbeat('c@1', { groupName: 'G' });
    const msgId = world.cluster.messages('T')[0]?.offsetMessageId;
    const header = { consumerGroup: 'G', clientId: 'c@1', msgId, topic: 'T' };
    const { body } = await admin.remoting.invoke(
      world.broker,
      Commands.consumeMessageDirectly,
      header,
      Buffer.alloc(0),
    );
    expect(body.consumeResult).to.equal('CR_SUCCESS');
    expect(seen).to.deep.equal(['broker-a', 'again']);
  });

  it('gathers the offsets of all members', async () => {
    await using world = await World.start();
    const clients = [world.client(), world.client()];
    for (const [queueId, client] of clients.entries()) {
      const queue = { topic: 'T', brokerName: 'broker-a', queueId };
      const messageQueueTable = [[queue, 7]] as const;
      client.remoting.handle(Commands.getConsumerStatusFromClient, () => ({
        body: { messageQueueTable },
      }));
      await client.heartbeat(`c@${queueId}`, { groupName: 'G' });
    }
    const row = Commands.invokeBrokerToGetConsumerStatus;
    const { body } = await world
      .client()
      .remoting.invoke(world.broker, row, { topic: 'T', group: 'G' }, undefined);
    expect(
      [...(body.consumerTable ?? [])].map(([id, table]) => [id, table[0]?.[0].queueId, table[0]?.[1]]),
    ).to.have.deep.members([
      ['c@0', 0, 7],
      ['c@1', 1, 7],
    ]);
  });
});
