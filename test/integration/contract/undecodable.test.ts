import { expect } from 'chai';
import { it } from 'mocha';

import type { UndecodableEvent } from '../../../lib/consumer/events.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { SysFlag } from '../../../protocol/message/sys-flag.ts';
import { Clients } from '../../support/clients.ts';
import { describeEverywhere, uniqueName, type ContractCluster } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { withRemoting } from '../../support/remoting.ts';

/** A message that says it is compressed and is not: what a faulty producer leaves in a queue. */
async function sendBroken(cluster: ContractCluster, topic: string): Promise<void> {
  await withRemoting(async (remoting) => {
    const [nameServer = ''] = cluster.nameServers.split(';');
    const route = await remoting.invoke(nameServer, Commands.getRouteInfoByTopic, { topic }, undefined);
    const [broker] = route.body.brokerDatas;
    const header = {
      producerGroup: 'Broken',
      topic,
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 4,
      queueId: 0,
      sysFlag: SysFlag.compressed,
      bornTimestamp: Date.now(),
      flag: 0,
      properties: '',
      reconsumeTimes: 0,
      unitMode: false,
      batch: false,
    };
    const address = broker?.brokerAddrs.get(0) ?? '';
    await remoting.invoke(address, Commands.sendMessageV2, header, Buffer.from('this is no zlib stream'));
  });
}

await describeEverywhere('A message that cannot be inflated', (target) => {
  const arrange = async () => {
    const cluster = await target.cluster();
    const topic = uniqueName('Broken');
    await cluster.createTopic(topic, { queues: 1 });
    const clients = new Clients(cluster.nameServers);
    await clients.send(topic, ['before']);
    await sendBroken(cluster, topic);
    await clients.send(topic, ['after']);
    return { clients, topic };
  };

  it('stops its queue there, with an event that names queue and offset, and nothing behind it is delivered', async () => {
    const { clients, topic } = await arrange();
    await using _ = clients;
    const got: string[] = [];
    const events: UndecodableEvent[] = [];
    const consumer = clients.consumer(topic, { eachMessage: (message) => void got.push(message.text()) });
    consumer.on('undecodable', (event) => events.push(event));
    await consumer.start();
    await eventually(() => events[0], { what: 'the event' });
    await eventually(() => (got.length > 0 ? true : undefined), { what: 'the message before it' });
    const status = consumer.queues().find(({ queue }) => queue.topic === topic);
    expect(got).to.deep.equal(['before']);
    expect([status?.state, status?.consumed]).to.deep.equal(['stopped', 1]);
    expect(events).to.have.length(1);
    expect(events[0]).to.include({ queueOffset: 1, action: 'stopped' });
    expect(events[0]?.queue).to.include({ topic, queueId: 0 });
    expect(events[0]?.error.code).to.equal('ERR_RMQ_PROTOCOL');
  });

  it('is passed over alone under the policy `skip`', async () => {
    const { clients, topic } = await arrange();
    await using _ = clients;
    const got: string[] = [];
    const events: UndecodableEvent[] = [];
    const eachMessage = (message: { text(): string }) => void got.push(message.text());
    const consumer = clients.consumer(topic, { eachMessage }, { undecodable: 'skip' });
    consumer.on('undecodable', (event) => events.push(event));
    await consumer.start();
    await eventually(() => (got.length === 2 ? true : undefined), { what: 'both good messages' });
    expect(got).to.deep.equal(['before', 'after']);
    expect(events.map(({ queueOffset, action }) => [queueOffset, action])).to.deep.equal([[1, 'skipped']]);
  });
});
