import { expect } from 'chai';
import { before, it } from 'mocha';
import { uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { report } from '../../support/group/figures.ts';
import { joinJava, joinOurs, type OrderlySeat, type WorkSpan } from '../../support/group/orderly-seats.ts';
import { SteadyProducer } from '../../support/group/steady-producer.ts';
import { buildJava, type JavaPrograms } from '../../support/java.ts';
import { describeProcesses, sharedCluster } from '../../support/real/target.ts';

const RATE = 60;
const WORK = 4;

/** Clocks of two processes in whole milliseconds. */
const TICK = 2;

await describeProcesses('An orderly group with members of the Java client', (version) => {
  let programs: JavaPrograms;

  before(async function () {
    this.timeout(120_000);
    [programs] = await Promise.all([buildJava(), sharedCluster(version)]);
  });

  it('keeps the order of every queue, one listener at a time, while members of both come and go', async () => {
    const cluster = await sharedCluster(version);
    const topic = uniqueName('JavaOrderly');
    await cluster.createTopic(topic, { queues: 4 });
    await using producer = new SteadyProducer(cluster.nameServers, topic, RATE);
    const spans: WorkSpan[] = [];
    const group = uniqueName('JavaOrderlyGroup');
    const about = { nameServers: cluster.nameServers, group, topic, work: WORK, spans };
    const ours = async (instanceName: string): Promise<OrderlySeat> => joinOurs({ ...about, instanceName });
    const java = async (instanceName: string): Promise<OrderlySeat> =>
      joinJava(programs, { ...about, instanceName });

    const first = await ours('Node1');
    await producer.start();
    await settled(producer, spans);
    const java1 = await java('Java1');
    await settled(producer, spans);
    const second = await ours('Node2');
    await settled(producer, spans);
    const java2 = await java('Xjava2');
    await settled(producer, spans);
    await java1.leave();
    await settled(producer, spans);
    await first.leave();
    await settled(producer, spans);
    await producer.stop();
    await eventually(() => (waiting(producer, spans) === 0 ? true : undefined), {
      what: 'the rest',
      within: 60_000,
    });
    await Promise.all([second.leave(), java2.leave()]);

    const overlaps = findOverlaps(spans);
    const { steps, repeats } = findStepsBack(spans);
    report(
      `${producer.acknowledged.size} acknowledged, ${spans.length} listener calls, repeats after ${JSON.stringify(repeats)}`,
    );
    expect(overlaps).to.deep.equal([]);
    expect(steps).to.deep.equal([]);
    // Java throws the result of a listener away whose queue is given up meanwhile; ours commits it.
    expect(Object.keys(repeats).filter((member) => member.startsWith('Node'))).to.deep.equal([]);
  }).timeout(300_000);
});

const waiting = ({ acknowledged }: SteadyProducer, spans: readonly WorkSpan[]): number => {
  const seen = new Set(spans.map(({ key }) => key));
  return [...acknowledged.keys()].filter((key) => !seen.has(key)).length;
};

/** Resolves when every queue moves: what was sent up to a second from now is consumed. Java's 4.9 client looks for a lock every 20 s. */
async function settled(producer: SteadyProducer, spans: readonly WorkSpan[]): Promise<void> {
  const from = producer.acknowledged.size;
  const until = await eventually(
    () => (producer.acknowledged.size >= from + RATE ? producer.acknowledged.size : undefined),
    { what: 'a second of messages', within: 20_000 },
  );
  await eventually(
    () => {
      const seen = new Set(spans.map(({ key }) => key));
      return [...producer.acknowledged.keys()].slice(0, until).every((key) => seen.has(key))
        ? true
        : undefined;
    },
    { what: 'consumption of all queues', within: 60_000, every: 100 },
  );
}

function byQueue(spans: readonly WorkSpan[]): Map<string, WorkSpan[]> {
  const queues = new Map<string, WorkSpan[]>();
  for (const span of spans) queues.set(span.queue, [...(queues.get(span.queue) ?? []), span]);
  for (const list of queues.values()) list.sort((a, b) => a.from - b.from || a.offset - b.offset);
  return queues;
}

/** Listeners that began while another was at work in the same queue. */
function findOverlaps(spans: readonly WorkSpan[]): string[] {
  return [...byQueue(spans)].flatMap(([queue, list]) =>
    list.flatMap((span, index) => {
      const before = list[index - 1];
      if (before === undefined || span.from >= before.to - TICK) return [];
      return [
        `${queue}: ${span.member} began ${span.offset} at ${span.from} beside ${before.member} on ${before.offset} until ${before.to}`,
      ];
    }),
  );
}

/** Offsets that fall within a member's time; and, by the member that had the queue before, messages that came again after it. */
function findStepsBack(spans: readonly WorkSpan[]): { steps: string[]; repeats: Record<string, number> } {
  const steps: string[] = [];
  const repeats: Record<string, number> = {};
  for (const [queue, list] of byQueue(spans)) {
    let highest = -1;
    for (const [index, span] of list.entries()) {
      const before = list[index - 1];
      const isRepeat = span.offset <= highest;
      if (before !== undefined && span.offset <= before.offset && span.member === before.member)
        steps.push(`${queue}: ${span.member} went from ${before.offset} to ${span.offset}`);
      const owner = list.slice(0, index).findLast(({ offset }) => offset === span.offset)?.member;
      if (isRepeat && owner !== undefined) repeats[owner] = (repeats[owner] ?? 0) + 1;
      highest = Math.max(highest, span.offset);
    }
  }
  return { steps, repeats };
}
