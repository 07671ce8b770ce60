import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Generation } from '../../../../lib/embedded/index.ts';
import { Credentials } from '../../../../protocol/acl/credentials.ts';
import { Commands } from '../../../../protocol/commands/index.ts';
import { tagSubscription } from '../../../../protocol/model/subscription-data.ts';
import type { RemotingCommand } from '../../../../protocol/remoting-command.ts';
import { type RawClient, World } from './world.ts';

const secretKey = '12345678';

async function secured(generation: Generation): Promise<World> {
  return World.start({
    generation,
    topics: { A: 1, B: 1, C: 1 },
    acl: {
      accounts: [
        { accessKey: 'admin', secretKey, admin: true },
        {
          accessKey: 'user',
          secretKey,
          topicPerms: { B: 'PUB|SUB', C: 'SUB' },
          groupPerms: { GB: 'SUB' },
        },
      ],
    },
  });
}

const as = (world: World, accessKey: string, secret = secretKey): RawClient =>
  world.client({ credentials: new Credentials({ accessKey, secretKey: secret }) });

const said = ({ code, remark }: RemotingCommand): [number, string | undefined] => [code, remark];

describe('Embedded broker, access control', () => {
  it('knows its accounts by their signatures, in the words of 5.5', async () => {
    await using world = await secured('5');
    const send = async (client: RawClient): Promise<unknown> => said(await client.send('B'));
    expect(await send(world.client())).to.deep.equal([16, 'username cannot be null.']);
    expect(await send(as(world, 'who'))).to.deep.equal([16, 'User:who is not found.']);
    expect(await send(as(world, 'user', 'wrong'))).to.deep.equal([16, 'check signature failed.']);
    expect(await send(as(world, 'user'))).to.deep.equal([0, undefined]);
    expect(await send(as(world, 'admin'))).to.deep.equal([0, undefined]);
  });

  it('knows its accounts by their signatures, in the words of 4.9', async () => {
    await using world = await secured('4.9');
    const exception = 'org.apache.rocketmq.acl.common.AclException: ';
    const send = async (client: RawClient): Promise<unknown> => said(await client.send('B'));
    expect(await send(world.client())).to.deep.equal([1, `${exception}No accessKey is configured`]);
    expect(await send(as(world, 'who'))).to.deep.equal([1, `${exception}No acl config for who`]);
    expect(await send(as(world, 'user', 'wrong'))).to.deep.equal([
      1,
      `${exception}Check signature failed for accessKey=user`,
    ]);
    expect(await send(as(world, 'user'))).to.deep.equal([0, undefined]);
  });

  for (const [generation, code, words] of [
    ['5', 16, 'User:user has no permission to access'],
    ['4.9', 1, 'org.apache.rocketmq.acl.common.AclException: No default permission for'],
  ] as const) {
    it(`lets accounts do what they may with topics and groups, ${generation}`, async () => {
      await using world = await secured(generation);
      const user = as(world, 'user');
      const refused = async (asked: Promise<RemotingCommand>): Promise<boolean> => {
        const answer = await asked;
        if (answer.code === 0 || answer.code === 19) return false;
        expect([answer.code, answer.remark?.startsWith(words)]).to.deep.equal([code, true]);
        return true;
      };
      expect(await refused(user.send('A'))).to.equal(true);
      expect(await refused(user.send('C'))).to.equal(true);
      expect(await refused(user.pull('B', { consumerGroup: 'GB' }))).to.equal(false);
      expect(await refused(user.pull('C', { consumerGroup: 'GB' }))).to.equal(false);
      expect(await refused(user.pull('A', { consumerGroup: 'GB' }))).to.equal(true);
      expect(await refused(user.pull('B', { consumerGroup: 'GA' }))).to.equal(true);
      const beat = async (groupName: string, topic: string): Promise<RemotingCommand> =>
        user.heartbeat('c@1', { groupName, subscriptionDataSet: [tagSubscription(topic, '*', 1)] });
      expect(await refused(beat('GB', 'B'))).to.equal(false);
      expect(await refused(beat('GA', 'B'))).to.equal(true);
      expect(await refused(beat('GB', 'A'))).to.equal(true);
    });
  }

  it('leaves name servers open, and administration to administrators', async () => {
    await using world = await secured('5');
    const header = { topic: 'B' };
    const route = Commands.getRouteInfoByTopic;
    const { remoting } = world.client();
    expect((await remoting.request(world.cluster.nameServers, route, header, undefined)).code).to.equal(0);
    const drop = async (client: RawClient): Promise<number> =>
      (await client.remoting.request(world.broker, Commands.deleteTopicInBroker, header, undefined)).code;
    expect([await drop(as(world, 'user')), await drop(as(world, 'admin'))]).to.deep.equal([16, 0]);
  });
});
