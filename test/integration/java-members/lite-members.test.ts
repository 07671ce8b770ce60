import { expect } from 'chai';
import { after, before, it } from 'mocha';

import { report } from '../../support/group/figures.ts';
import { JavaMember } from '../../support/group/java-member.ts';
import { LiteMember } from '../../support/group/lite-member.ts';
import { Trial } from '../../support/group/trial.ts';
import { buildJava, type JavaPrograms } from '../../support/java.ts';
import { describeProcesses, sharedCluster } from '../../support/real/target.ts';

const RATE = 100;

await describeProcesses('A lite pull group with members of the Java client', (version) => {
  let programs: JavaPrograms;
  const javaMembers: JavaMember[] = [];

  before(async function () {
    this.timeout(120_000);
    if (version.startsWith('4.')) {
      report(
        "skipped: Java's lite pull consumer of 4.9 does not tell its queues, and that of 5.x gets nothing from 4.9 (no LITE_PULL_MESSAGE)",
      );
      this.skip();
    }
    [programs] = await Promise.all([buildJava(), sharedCluster(version)]);
  });

  after(async () => {
    await Promise.all(javaMembers.map(async (member) => member.kill()));
  });

  it('agrees on the owners of all queues while members of both come and go, and loses nothing', async () => {
    const cluster = await sharedCluster(version);
    // Java's lite pull consumer sends no heartbeat at its start: when it has no route yet after 1 s, it is a member after 31 s.
    const patience = 75_000;
    await using trial = await Trial.start(cluster, {
      name: 'LiteMembers',
      rate: RATE,
      awaitOffsets: false,
      patience,
    });
    const [ours, another] = [new LiteMember(), new LiteMember()];
    const java = new JavaMember(programs, 'rmq.LiteMember');
    javaMembers.push(java);
    const steps: string[] = [];
    const step = async (title: string, change: Promise<{ readonly settled: number }>): Promise<void> => {
      steps.push(`${title} ${Math.round((await change).settled)} ms`);
    };
    await step('ours joins', trial.join(ours, 'Node1'));
    await step('Java joins', trial.join(java, 'Java1'));
    await step('ours joins', trial.join(another, 'Node2'));
    await step('ours leaves', trial.leave(ours));
    await step('ours joins again', trial.join(ours, 'Node1'));
    await step('Java leaves', trial.leave(java));
    await step('Java joins again', trial.join(java, 'Node15'));
    await step('Java is killed', trial.kill(java));
    const { lost, repeats, remarks } = await trial.finish();
    const acknowledged = trial.producer.acknowledged.size;
    report(steps.join(', '));
    report(
      `${acknowledged} acknowledged, ${lost.length} lost, ${repeats.length} repeats, ${remarks.length} warnings`,
    );
    expect(trial.producer.failures).to.deep.equal([]);
    expect(lost).to.deep.equal([]);
  }).timeout(300_000);
});
