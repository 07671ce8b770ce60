import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';
import { it } from 'mocha';

import type { ConsumerWarning } from '../../../lib/consumer/events.ts';
import type { PushConsumerOptions } from '../../../lib/consumer/push-consumer.ts';
import type { ListenerResult } from '../../../lib/consumer/listener.ts';
import { MQVersion } from '../../../protocol/codes/version.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { readLocalOffsets } from '../../../protocol/model/offset-store.ts';
import { subscriptionGroupConfig } from '../../../protocol/model/subscription-group.ts';
import { Clients } from '../../support/clients.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { brokerOf, withRemoting } from '../../support/remoting.ts';

await describeEverywhere('Broadcasting', (target) => {
  /** A topic of two queues, a group, and a folder for positions. */
  class Scene implements AsyncDisposable {
    readonly topic = uniqueName('News');
    readonly consumerGroup = uniqueName('Readers');
    readonly nameServers: string;
    readonly clients: Clients;
    readonly folder: string;

    static async open(): Promise<Scene> {
      const cluster = await target.cluster();
      const folder = await mkdtemp(join(tmpdir(), 'broadcasting-'));
      const scene = new Scene(cluster.nameServers, folder);
      await cluster.createTopic(scene.topic, { queues: 2 });
      return scene;
    }

    private constructor(nameServers: string, folder: string) {
      this.nameServers = nameServers;
      this.folder = folder;
      this.clients = new Clients(nameServers);
    }

    /** A member, started when it has both queues, and what it consumed. */
    async member(
      options: Partial<PushConsumerOptions> = {},
      result: (text: string) => ListenerResult = () => undefined,
    ) {
      const got: string[] = [];
      const warnings: ConsumerWarning[] = [];
      const eachMessage = (message: { text(): string }): ListenerResult => {
        got.push(message.text());
        return result(message.text());
      };
      const consumer = this.clients.consumer(
        this.topic,
        { eachMessage },
        {
          consumerGroup: this.consumerGroup,
          messageModel: 'broadcasting',
          instanceName: 'Reader',
          clientIp: '127.0.0.1',
          localOffsetStoreDir: this.folder,
          persistConsumerOffsetInterval: 50,
          ...options,
        },
      );
      consumer.on('warning', (warning) => warnings.push(warning));
      await consumer.start();
      const active = () => consumer.queues().filter(({ state }) => state === 'active').length === 2;
      await eventually(() => (active() ? true : undefined), { what: 'both queues' });
      return { consumer, got, warnings };
    }

    async positions(instanceName = 'Reader'): Promise<number> {
      const path = join(this.folder, `127.0.0.1@${instanceName}`, this.consumerGroup, 'offsets.json');
      const offsets = readLocalOffsets(await readFile(path, 'utf8').catch(() => '{}'));
      return offsets.reduce((sum, [, offset]) => sum + offset, 0);
    }

    async [Symbol.asyncDispose](): Promise<void> {
      await this.clients[Symbol.asyncDispose]();
      await rm(this.folder, { recursive: true });
    }
  }

  const until = async (what: string, condition: () => boolean | Promise<boolean>): Promise<void> => {
    await eventually(async () => ((await condition()) ? true : undefined), { what, within: 20_000 });
  };

  it('brings every message to every member, and brokers know the group as a broadcasting one', async () => {
    await using scene = await Scene.open();
    const first = await scene.member({ instanceName: 'First' });
    const second = await scene.member({ instanceName: 'Second' });
    await scene.clients.send(scene.topic, ['a', 'b', 'c', 'd']);
    await until('all messages', () => first.got.length >= 4 && second.got.length >= 4);
    for (const { got } of [first, second]) expect(got.toSorted()).to.deep.equal(['a', 'b', 'c', 'd']);
    await withRemoting(async (remoting) => {
      const broker = await brokerOf(remoting, scene.nameServers, scene.topic);
      const header = { consumerGroup: scene.consumerGroup };
      const { body } = await remoting.invoke(broker, Commands.getConsumerConnectionList, header, undefined);
      expect(body.messageModel).to.equal('BROADCASTING');
      expect([...body.subscriptionTable.keys()]).to.deep.equal([scene.topic]);
      expect(body.connectionSet.map(({ clientId }) => clientId)).to.have.members([
        '127.0.0.1@First',
        '127.0.0.1@Second',
      ]);
    });
  });

  it('goes on after a restart where its file says', async () => {
    await using scene = await Scene.open();
    const before = await scene.member();
    await scene.clients.send(scene.topic, ['a', 'b', 'c']);
    await until('three messages', () => before.got.length === 3);
    await before.consumer.shutdown();
    expect(await scene.positions()).to.equal(3);
    await scene.clients.send(scene.topic, ['d', 'e']);
    const after = await scene.member();
    await until('two messages', () => after.got.length >= 2);
    expect(after.got.toSorted()).to.deep.equal(['d', 'e']);
  });

  it('begins at the end of the topic without a file, whatever brokers say of young topics', async () => {
    await using scene = await Scene.open();
    await scene.clients.send(scene.topic, ['a', 'b', 'c']);
    const { got } = await scene.member({ consumeFromWhere: 'last' });
    await scene.clients.send(scene.topic, ['d']);
    await until('the last message', () => got.includes('d'));
    expect(got).to.deep.equal(['d']);
  });

  it('drops what a listener fails on', async () => {
    await using scene = await Scene.open();
    const member = await scene.member({}, (text) => (text === 'bad' ? 'later' : undefined));
    const actions: string[] = [];
    member.consumer.on('consumeFailed', ({ action }) => actions.push(action));
    await scene.clients.send(scene.topic, ['a', 'bad', 'b', 'c']);
    await until('the positions', async () => (await scene.positions()) === 4);
    expect([member.got.toSorted(), actions]).to.deep.equal([['a', 'b', 'bad', 'c'], ['dropped']]);
  });

  it('is moved by an operator who resets the group to its beginning (222), where brokers allow that', async () => {
    await using scene = await Scene.open();
    const member = await scene.member();
    await scene.clients.send(scene.topic, ['a', 'b', 'c', 'd']);
    await until('the positions', async () => (await scene.positions()) === 4);
    const answer = await withRemoting(async (remoting) => {
      const broker = await brokerOf(remoting, scene.nameServers, scene.topic);
      const header = { topic: scene.topic, group: scene.consumerGroup, timestamp: 0, isForce: true };
      return remoting.request(broker, Commands.invokeBrokerToResetOffset, header, undefined);
    });
    if (answer.version < MQVersion.V5_0_0) {
      // It moves only groups whose positions it has.
      expect(answer.remark).to.match(/not exist/);
      return;
    }
    // It tells that with the next pull, which it may hold for up to 15 s: messages wake both queues.
    await scene.clients.send(scene.topic, ['e', 'f']);
    await until('all messages again', () => member.got.filter((text) => 'abcd'.includes(text)).length === 8);
    await until('the positions', async () => (await scene.positions()) === 6);
  });

  it('says so when the group may not broadcast', async () => {
    await using scene = await Scene.open();
    await withRemoting(async (remoting) => {
      const broker = await brokerOf(remoting, scene.nameServers, scene.topic);
      const row = Commands.updateAndCreateSubscriptionGroup;
      const { consumerGroup: groupName } = scene;
      const config = subscriptionGroupConfig.of({ groupName, consumeBroadcastEnable: false });
      await remoting.invoke(broker, row, {}, config);
    });
    const { warnings } = await scene.member();
    await until('the warning', () => warnings.length > 0);
    expect(warnings[0]?.kind).to.equal('pullFailed');
    expect(warnings[0]?.message).to.include('can not consume by broadcast way');
  });
});
