import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { changeMembers, EmbeddedCluster, repeatFirstAnswer } from '../../../../lib/embedded/index.ts';
import type { ControlAction } from '../../../../lib/embedded/index.ts';
import { RemotingClient } from '../../../../lib/remoting/remoting-client.ts';
import { TcpTransport } from '../../../../lib/remoting/tcp-transport.ts';
import { systemClock } from '../../../../lib/runtime/clock.ts';
import { systemRandom } from '../../../../lib/runtime/random.ts';
import { Commands } from '../../../../protocol/commands/index.ts';
import { settle } from '../../../support/fake-clock.ts';
import { isPending, World } from './world.ts';

const send = Commands.sendMessageV2;

/** What becomes of a send under a control, and whether the message is stored. */
async function outcome(action: ControlAction): Promise<[string, number]> {
  await using world = await World.start({ topics: { T: 1 } });
  const client = world.client();
  world.cluster.control(send, action);
  const sent = client.send('T').then(
    ({ code }) => `code ${code}`,
    (error: Error) => error.name,
  );
  await world.clock.advance(3_000);
  return [await sent, world.cluster.messages('T').length];
}

describe('Embedded cluster, faults of answers', () => {
  it('closes in the middle of a frame, at any byte', async () => {
    expect(await outcome({ close: 'middle' })).to.deep.equal(['ConnectionClosedError', 1]);
    for (const at of [0, 1, 4, 8, 60])
      expect(await outcome({ close: 'middle', at })).to.deep.equal(['ConnectionClosedError', 1]);
  });

  it('turns a byte of the frame over', async () => {
    // The length of the frame, and the number of the request.
    expect(await outcome({ corrupt: 0 })).to.deep.equal(['ConnectionClosedError', 1]);
    expect((await outcome({ corrupt: 8 }))[0]).not.to.equal('code 0');
    const [, stored] = await outcome({ corrupt: -1 });
    expect(stored).to.equal(1);
  });

  it('lets frames leave in pieces, which makes no difference to a client', async () => {
    expect(await outcome({ slice: 1 })).to.deep.equal(['code 0', 1]);
    expect(await outcome({ slice: 7 })).to.deep.equal(['code 0', 1]);
    // 300 bytes or so, one each 20 ms, are there only after the timeout of 3 s.
    expect(await outcome({ slice: 1, pace: 20 })).to.deep.equal(['RequestTimeoutError', 1]);
    expect(await outcome({ slice: 30, pace: 20 })).to.deep.equal(['code 0', 1]);
  });

  it('keeps other answers behind the pieces of one', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    world.cluster.control(send, { slice: 10, pace: 10, times: 1 });
    const first = client.send('T');
    const second = client.send('T');
    expect(await isPending(second)).to.equal(true);
    await world.clock.advance(1_000);
    expect([(await first).code, (await second).code]).to.deep.equal([0, 0]);
  });

  it('answers twice, and to requests that nobody made', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    const strays: number[] = [];
    client.remoting.on('stray', ({ opaque }) => strays.push(opaque));
    world.cluster.control(send, { copies: 2, times: 1 });
    expect((await client.send('T')).code).to.equal(0);
    await settle();
    expect(strays).to.have.lengthOf(1);
    world.cluster.control(send, { stray: true, times: 1 });
    expect((await client.send('T')).code).to.equal(0);
    await settle();
    expect(strays[1]).to.equal(0x7f_ff_ff_00);
    expect(world.cluster.messages('T')).to.have.lengthOf(2);
  });

  it('lets later answers overtake', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    const order: string[] = [];
    world.cluster.control(send, { behind: 2, times: 1 });
    const sends = ['a', 'b', 'c', 'd'].map(async (body) => {
      await client.send('T', {}, body);
      order.push(body);
    });
    await Promise.all(sends);
    expect(order.indexOf('a')).to.be.within(2, 3);
    expect(world.cluster.messages('T').map((message) => message.text())).to.deep.equal(['a', 'b', 'c', 'd']);
    world.cluster.control(send, { behind: 2, within: 400, times: 1 });
    const alone = client.send('T');
    await world.clock.advance(399);
    expect(await isPending(alone)).to.equal(true);
    await world.clock.advance(1);
    expect((await alone).code).to.equal(0);
  });

  it('handles now and answers late', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    world.cluster.control(send, { late: 700 });
    const sent = client.send('T');
    expect(await isPending(sent)).to.equal(true);
    expect(world.cluster.messages('T')).to.have.lengthOf(1);
    await world.clock.advance(700);
    expect((await sent).code).to.equal(0);
  });

  it('strikes one connection, after so many requests', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const [one, other] = [world.client(), world.client()];
    await one.send('T');
    const client = world.cluster.requests({ command: send })[0]?.client ?? '';
    world.cluster.control(send, { answer: 2, client, skip: 1, times: 1 });
    const codes: number[] = [];
    for (const each of [other, one, other, one, one]) codes.push((await each.send('T')).code);
    expect(codes).to.deep.equal([0, 0, 0, 2, 0]);
  });

  it('tells partial and stale lists of members', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const clients = [world.client(), world.client()];
    const list = Commands.getConsumerListByGroup;
    await clients[0]?.heartbeat('c@1', { groupName: 'G' });
    const members = async (): Promise<readonly string[]> => world.client().members('G');
    const partial = world.cluster.control(
      list,
      changeMembers((ids) => ids.slice(1)),
    );
    expect(await members()).to.deep.equal([]);
    partial.remove();
    const stale = world.cluster.control(list, repeatFirstAnswer());
    expect(await members()).to.deep.equal(['c@1']);
    await clients[1]?.heartbeat('c@2', { groupName: 'G' });
    expect(await members()).to.deep.equal(['c@1']);
    stale.remove();
    expect([...(await members())].sort()).to.deep.equal(['c@1', 'c@2']);
  });

  it('lets connections live for a random short time', async () => {
    const lives: number[] = [];
    await using world = await World.start({ topics: { T: 1 }, connectionLife: [500, 1_500] });
    for (let count = 0; count < 8; count++) {
      const { remoting } = world.client();
      const born = world.clock.uptime();
      remoting.on('disconnected', () => lives.push(world.clock.uptime() - born));
      await remoting.request(world.broker, Commands.getMaxOffset, { topic: 'T', queueId: 0 }, undefined);
    }
    await world.clock.advance(1_500);
    expect(lives).to.have.lengthOf(8);
    expect(Math.min(...lives)).to.be.at.least(500);
    expect(Math.max(...lives)).to.be.at.most(1_500);
    expect(new Set(lives).size).to.be.above(4);
  });
});

describe('Embedded cluster, faults towards clients', () => {
  const notice = Commands.notifyConsumerIdsChanged;

  it('loses, delays and repeats notices', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const [first, second] = [world.client(), world.client()];
    world.cluster.control(notice, { drop: true, times: 1 });
    await first.heartbeat('c@1', { groupName: 'G' });
    expect(first.notices).to.deep.equal([]);
    world.cluster.control(notice, { delay: 900, times: 1 });
    world.cluster.control(notice, { copies: 3, times: 1 });
    await second.heartbeat('c@2', { groupName: 'G' });
    expect([first.notices.length, second.notices.length]).to.deep.equal([0, 3]);
    await world.clock.advance(900);
    expect([first.notices.length, second.notices.length]).to.deep.equal([1, 3]);
  });

  it('cuts the connection with a notice', async () => {
    for (const close of ['before', 'after', 'middle'] as const) {
      await using world = await World.start({ topics: { T: 1 } });
      const client = world.client();
      world.cluster.control(notice, { close });
      await client.heartbeat('c@1', { groupName: 'G' }).catch(() => undefined);
      await settle();
      expect(client.remoting.isConnected(world.broker), close).to.equal(false);
      // What left before the cut may have come.
      if (close !== 'after') expect(client.notices).to.deep.equal([]);
    }
  });

  it('takes a word for the answer of a client, or lets it wait in vain', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    await client.heartbeat('c@1', { groupName: 'G' });
    const row = Commands.getConsumerRunningInfo;
    const header = { consumerGroup: 'G', clientId: 'c@1' };
    const ask = async (): ReturnType<typeof client.send> =>
      client.remoting.request(world.broker, row, header, undefined, { timeout: 60_000 });
    // The request of the administrator passes, that of the broker is struck.
    const direction = 'out';
    const spoken = world.cluster.control(row, { answer: 1, remark: 'not now', direction });
    expect(await ask()).to.include({ code: 1, remark: 'not now' });
    spoken.remove();
    world.cluster.control(row, { drop: true, direction });
    const asked = ask();
    await world.clock.advance(10_000);
    expect((await asked).code).to.equal(207);
  });
});

describe('Embedded cluster, TLS', () => {
  it('encrypts, when it has a certificate', async () => {
    const pem = (name: string): string => readFileSync(`test/support/tls/${name}`, 'utf8');
    await using cluster = await EmbeddedCluster.start({
      topics: { T: 1 },
      tls: { cert: pem('cert.pem'), key: pem('key.pem') },
    });
    const options = { transport: new TcpTransport(), clock: systemClock, random: systemRandom };
    const header = { topic: 'T' };
    const secure = new RemotingClient({ ...options, tls: { ca: pem('cert.pem') } });
    const { body } = await secure.invoke(
      cluster.nameServers,
      Commands.getRouteInfoByTopic,
      header,
      undefined,
    );
    expect(body.queueDatas).to.have.lengthOf(1);
    await secure.close();
    const plain = new RemotingClient({ ...options });
    const failed = await plain
      .request(cluster.nameServers, Commands.getRouteInfoByTopic, header, undefined)
      .catch((error: Error) => error.name);
    expect(failed).to.be.oneOf(['ConnectionClosedError', 'ConnectError', 'RequestTimeoutError']);
    await plain.close();
  });
});
