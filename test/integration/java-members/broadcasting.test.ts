import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { expect } from 'chai';
import { after, before, it } from 'mocha';

import { Clients } from '../../support/clients.ts';
import { uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { buildJava, type JavaPrograms } from '../../support/java.ts';
import type { RealCluster } from '../../support/real/real-cluster.ts';
import { describeProcesses, sharedCluster } from '../../support/real/target.ts';

const SLOW = { within: 60_000 } as const;

await describeProcesses('A broadcasting member that is now one of ours, now one of Java', (version) => {
  let programs: JavaPrograms;
  let cluster: RealCluster;
  let folder: string;

  before(async function () {
    this.timeout(120_000);
    [programs, cluster] = await Promise.all([buildJava(), sharedCluster(version)]);
    folder = await mkdtemp(join(tmpdir(), 'java-offsets-'));
  });

  after(async () => rm(folder, { recursive: true, force: true }));

  /** A Java member that leaves when it has got so many messages: its client id, and what it got. */
  async function java(group: string, topic: string, messages: number) {
    const jvmArgs = [
      '-Xmx128m',
      '-Drmq.messageModel=BROADCASTING',
      '-Drmq.awaitTermination=10000',
      `-Drocketmq.client.localOffsetStoreDir=${folder}`,
    ];
    const args = [cluster.nameServers, group, topic, 'averagely', 'Shared'];
    const child = programs.spawnJava('rmq.GroupMember', args, { jvmArgs });
    const errors: string[] = [];
    child.stderr.on('data', (chunk: Buffer) => errors.push(String(chunk)));
    const lines: { readonly event: string; readonly clientId?: string; readonly body?: string }[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
    const all = (event: string) => lines.filter((line) => line.event === event);
    const reached = async (event: string, count: number): Promise<void> => {
      await eventually(() => (all(event).length >= count ? true : undefined), {
        what: `${count} times ${event}`,
        otherwise: () => `${JSON.stringify(lines)} ${errors.join('')}`,
        ...SLOW,
      });
    };
    await reached('started', 1);
    await reached('message', messages);
    child.stdin.end('stop\n');
    await reached('stopped', 1);
    return { clientId: all('started')[0]?.clientId ?? '', got: all('message').map(({ body }) => body) };
  }

  it('goes on where the other left off, by the same file', async () => {
    await using clients = new Clients(cluster.nameServers);
    const topic = uniqueName('Passed');
    const consumerGroup = uniqueName('Readers');
    await cluster.createTopic(topic, { queues: 2 });
    await clients.send(topic, ['a', 'b', 'c']);
    const first = await java(consumerGroup, topic, 3);
    expect(first.got).to.have.members(['a', 'b', 'c']);

    await clients.send(topic, ['d', 'e']);
    const ours: string[] = [];
    const consumer = clients.consumer(
      topic,
      { eachMessage: (message) => void ours.push(message.text()) },
      {
        consumerGroup,
        messageModel: 'broadcasting',
        clientIp: first.clientId.split('@')[0],
        instanceName: 'Shared',
        localOffsetStoreDir: folder,
      },
    );
    await consumer.start();
    expect(consumer.clientId).to.equal(first.clientId);
    await eventually(() => (ours.length >= 2 ? true : undefined), { what: 'two messages' });
    await consumer.shutdown();
    expect(ours.toSorted()).to.deep.equal(['d', 'e']);

    await clients.send(topic, ['f']);
    expect((await java(consumerGroup, topic, 1)).got).to.deep.equal(['f']);
  });
});
