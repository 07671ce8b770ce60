import { expect } from 'chai';
import { after, before, it } from 'mocha';
import { eventually } from '../../support/group/eventually.ts';
import { report } from '../../support/group/figures.ts';
import { JavaMember } from '../../support/group/java-member.ts';
import { Member, STRATEGIES, type StrategyOption } from '../../support/group/member.ts';
import { Trial } from '../../support/group/trial.ts';
import { buildJava, type JavaPrograms } from '../../support/java.ts';
import { describeProcesses, sharedCluster } from '../../support/real/target.ts';

const RATE = 100;

await describeProcesses('A group with members of the Java client', (version) => {
  let programs: JavaPrograms;
  const javaMembers: JavaMember[] = [];

  before(async function () {
    this.timeout(120_000);
    [programs] = await Promise.all([buildJava(), sharedCluster(version)]);
  });

  after(async () => {
    await Promise.all(javaMembers.map(async (member) => member.kill()));
  });

  for (const strategy of Object.keys(STRATEGIES) as StrategyOption[]) {
    it(`agrees on the owners of all queues by ${strategy} while members of both come and go`, async () => {
      const name = `JavaMembers_${strategy}`;
      const cluster = await sharedCluster(version);
      await using trial = await Trial.start(cluster, { name, rate: RATE, strategy, awaitOffsets: false });
      const [ours, another] = [new Member(), new Member()];
      const [java, javaToo] = [new JavaMember(programs), new JavaMember(programs)];
      javaMembers.push(java, javaToo);
      const steps: string[] = [];
      const step = async (title: string, change: Promise<{ readonly settled: number }>): Promise<void> => {
        const { settled } = await change;
        for (const [member, queues] of await allocated(trial, strategy)) {
          // The trial has judged the members' answers to the broker; these are the Java client's own words.
          const said = [java, javaToo].find((seat) => trial.has(seat) && trial.idOf(seat) === member);
          if (said !== undefined) await untilItSays(said, queues);
        }
        steps.push(`${title} ${Math.round(settled)} ms`);
      };

      await step('ours joins', trial.join(ours, 'Node1'));
      // Names that sort before, between and behind ours, so that queues move both ways.
      await step('Java joins', trial.join(java, 'Java1'));
      await step('Java joins', trial.join(javaToo, 'Xjava2'));
      await step('ours joins', trial.join(another, 'Node2'));
      await step('Java leaves', trial.leave(java));
      await step('ours leaves', trial.leave(ours));
      await step('Java joins again', trial.join(java, 'Node15'));
      await step('Java is killed', trial.kill(javaToo));
      await step('ours joins again', trial.join(ours, 'Node1'));
      await step('Java leaves', trial.leave(java));

      const { lost, repeats, remarks } = await trial.finish();
      const warnings = remarks.filter(({ name }) => name !== 'rebalance');
      const acknowledged = trial.producer.acknowledged.size;
      report(`${strategy}: ${steps.join(', ')}`);
      report(
        `${acknowledged} acknowledged, ${lost.length} lost, ${repeats.length} repeats, ${warnings.length} warnings`,
      );
      expect(lost).to.deep.equal([]);
      expect(trial.producer.failures).to.deep.equal([]);
    }).timeout(120_000);
  }
});

/** By client id, `broker:id` of its queues. */
async function allocated(trial: Trial, strategy: StrategyOption): Promise<Map<string, readonly string[]>> {
  const allocation = trial.view.allocation(await trial.view.members(), STRATEGIES[strategy]);
  const names = [...allocation].map(
    ([id, queues]) => [id, queues.map(({ brokerName, queueId }) => `${brokerName}:${queueId}`)] as const,
  );
  return new Map(names);
}

async function untilItSays(member: JavaMember, queues: readonly string[]): Promise<void> {
  const wanted = queues.toSorted().join();
  await eventually(() => (member.queues.toSorted().join() === wanted ? true : undefined), {
    what: `the Java member's say that it holds ${wanted}`,
    otherwise: () => `it holds ${member.queues.join()}`,
  });
}
