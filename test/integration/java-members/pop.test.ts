import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';
import { before, it } from 'mocha';

import { setMessageRequestMode } from '../../../lib/consumer/pop/set-message-request-mode.ts';
import { uniqueName } from '../../support/everywhere.ts';
import { readConsumptionLog, type Consumption } from '../../support/group/consumption-log.ts';
import { eventually } from '../../support/group/eventually.ts';
import { report } from '../../support/group/figures.ts';
import { JavaMember } from '../../support/group/java-member.ts';
import { Member } from '../../support/group/member.ts';
import { SteadyProducer } from '../../support/group/steady-producer.ts';
import { buildJava, type JavaPrograms } from '../../support/java.ts';
import { describeProcesses, sharedCluster } from '../../support/real/target.ts';

const RATE = 60;

await describeProcesses('A group that pops with a member of the Java client', (version) => {
  let programs: JavaPrograms;

  before(async function () {
    if (version.startsWith('4.')) this.skip();
    this.timeout(120_000);
    [programs] = await Promise.all([buildJava(), sharedCluster(version)]);
  });

  it('shares the messages of all queues, each consumed once, and the Java member may leave', async () => {
    const cluster = await sharedCluster(version);
    const { nameServers } = cluster;
    const [topic, group] = [uniqueName('JavaPop'), uniqueName('JavaPopGroup')];
    await cluster.createTopic(topic, { queues: 2 });
    const folder = await mkdtemp(join(tmpdir(), 'java-pop-'));
    const logs = { ours: join(folder, 'ours'), java: join(folder, 'java') };
    const about = { nameServers, group, topic, popFor: 30_000 };
    const [ours, java] = [new Member(), new JavaMember(programs)];
    await ours.join({ ...about, log: logs.ours });
    // The group is known to the broker now.
    await setMessageRequestMode({ topic, consumerGroup: group, mode: 'pop' }, { nameServers });
    await java.join({ ...about, log: logs.java });
    const consumed = (): readonly Consumption[] =>
      Object.values(logs).flatMap((log) => readConsumptionLog(log).consumptions);
    const by = (log: string): number => readConsumptionLog(log).consumptions.length;

    await using producer = new SteadyProducer(nameServers, topic, RATE);
    await producer.start();
    await eventually(() => (by(logs.java) >= 50 && by(logs.ours) >= 50 ? true : undefined), {
      what: 'work for both members',
      within: 60_000,
      otherwise: () => `ours ${by(logs.ours)}, Java ${by(logs.java)}`,
    });
    await java.leave();
    const before = by(logs.ours);
    await eventually(() => (by(logs.ours) > before + 50 ? true : undefined), { what: 'work for ours alone' });
    await producer.stop();
    const missing = (): string[] => {
      const seen = new Set(consumed().map(({ key }) => key));
      return [...producer.acknowledged.keys()].filter((key) => !seen.has(key));
    };
    // What Java's member had not begun with at its end comes again after its 60 s.
    await eventually(() => (missing().length === 0 ? true : undefined), { what: 'the rest', within: 80_000 });
    const repeats = consumed().length - new Set(consumed().map(({ key }) => key)).size;
    report(`ours ${by(logs.ours)}, Java ${by(logs.java)}, ${repeats} again`);
    await ours.leave();
    expect(repeats).to.equal(0);
  }).timeout(200_000);
});
