import { expect } from 'chai';
import { describe, it } from 'mocha';
import { checkHistory } from './checker.ts';
import { Scene } from './scene.ts';

const topic = 'T';
const q = 'a:0';
/** One member that owns one queue since long ago. */
const alone = (): Scene => new Scene().queues(q).up('m1').own('m1', q).at(10_000);
/** Two members, and the queue belongs to the first. */
const pair = (): Scene => new Scene().queues(q).up('m1', 'm2').own('m1', q).at(10_000);
/** The second member alone, with a message done; the first, to which the queue is then due, joins. */
const joined = (): Scene => handover().consume('m2', 'v0', q, 0).up('m1');
const handover = (): Scene => new Scene().queues(q).up('m2').own('m2', q).at(10_000).sent('v0', q, 0);
const rules = (scene: Scene): string[] => [
  ...new Set(checkHistory(scene.events).violations.map(({ rule }) => rule)),
];
const done = (scene: Scene, value = 'v0', offset = 0): Scene =>
  scene.sent(value, q, offset).consume('m1', value, q, offset);

/** Each anomaly once: what happens, and the invariant it breaks. */
const anomalies: readonly [string, string, () => Scene][] = [
  ['an acknowledged message that nobody gets', 'V1', () => alone().sent('v0', q, 0).at(12_000).quiet()],
  [
    'an acknowledged message whose listener never ends',
    'V1',
    () => alone().sent('v0', q, 0).deliver('m1', 'v0', q, 0).at(90_000).quiet(),
  ],
  [
    'a message that was sent back and never came again',
    'V1',
    () =>
      alone()
        .sent('v0', q, 0)
        .deliver('m1', 'v0', q, 0)
        .add('m1', 'back', { phase: 'invoke', topic, queue: q, offset: 0, epoch: 1 })
        .at(90_000)
        .quiet(),
  ],
  [
    'a hole below the highest processed offset, while it runs',
    'V1',
    () => done(alone().sent('v0', q, 0), 'v1', 1),
  ],
  ['a message that nobody sent', 'V2', () => alone().consume('m1', 'ghost', q, 0)],
  [
    'a message whose send surely failed',
    'V2',
    () =>
      alone()
        .add('producer', 'send', { phase: 'invoke', value: 'v0' })
        .add('producer', 'send', { phase: 'fail', value: 'v0' })
        .consume('m1', 'v0', q, 0),
  ],
  [
    'two values at one offset',
    'V3',
    () => alone().sent('v0', q, 0).sent('v1', q, 0).consume('m1', 'v0', q, 0),
  ],
  [
    'a body that changed',
    'V4',
    () => alone().sent('v0', q, 0, { hash: 'x' }).consume('m1', 'v0', q, 0, { hash: 'y' }),
  ],
  ['a repeat in a quiet group', 'V5', () => done(alone()).at(11_000).consume('m1', 'v0', q, 0, { epoch: 2 })],
  [
    'a repeat after a graceful leave',
    'V5',
    () =>
      done(pair())
        .add('m1', 'down', { phase: 'invoke' })
        .at(10_010)
        .add('m1', 'down', { phase: 'ok', kind: 'left' })
        .own('m2', q)
        .at(10_020)
        .consume('m2', 'v0', q, 0),
  ],
  [
    'a repeat after a hand-over that found the listener idle',
    'V5',
    () => joined().at(10_100).lose('m2', q).own('m1', q).at(10_700).consume('m1', 'v0', q, 0),
  ],
  [
    'a repeat after a crash of what was done long before',
    'V5',
    () =>
      done(pair())
        .at(20_000)
        .add('m1', 'down', { kind: 'crash' })
        .own('m2', q)
        .at(20_010)
        .consume('m2', 'v0', q, 0),
  ],
  ['a queue with two owners', 'V6', () => pair().own('m2', q).at(13_000).quiet()],
  [
    'a queue with the wrong owner',
    'V6',
    () => new Scene().queues(q).up('m1', 'm2').own('m2', q).at(13_000).quiet(),
  ],
  [
    'members that did not notice a join within the bound',
    'V6',
    () =>
      new Scene()
        .queues(q, 'a:1')
        .up('m1')
        .own('m1', q, 'a:1')
        .at(10_000)
        .up('m2')
        .own('m2', 'a:1')
        .at(11_500)
        .lose('m1', 'a:1')
        .quiet(),
  ],
  [
    'a queue given up because a list was empty',
    'V6',
    () =>
      alone()
        .add('nemesis', 'fault+', { kind: 'listEmpty' })
        .at(10_100)
        .lose('m1', q)
        .at(10_200)
        .own('m1', q),
  ],
  [
    'a repeat after a leave that did not wait for a listener',
    'V5',
    () =>
      pair()
        .sent('v0', q, 0)
        .deliver('m1', 'v0', q, 0)
        .add('m1', 'down', { phase: 'invoke', grace: 15_000 })
        .at(10_010)
        .add('m1', 'down', { phase: 'ok', kind: 'left' })
        .own('m2', q)
        .consume('m2', 'v0', q, 0),
  ],
  ['a queue without an owner', 'V6 V7', () => alone().lose('m1', q).at(13_000).quiet()],
  [
    'a queue without an owner for minutes, whatever else happens',
    'V7',
    () =>
      alone().add('nemesis', 'fault+', { kind: 'brokerDown' }).lose('m1', q).at(190_000).own('m1', q).quiet(),
  ],
  ['an offset after a higher one in one ownership', 'V8', () => done(done(alone(), 'v1', 1))],
  [
    'an offset that was skipped',
    'V8',
    () => done(done(alone()), 'v2', 2).sent('v1', q, 1).consume('m1', 'v1', q, 1, { epoch: 2 }),
  ],
  [
    'orderly messages at work at the same time',
    'V9',
    () =>
      alone()
        .sent('v0', q, 0)
        .sent('v1', q, 1)
        .deliver('m1', 'v0', q, 0, { orderly: true })
        .at(10_001)
        .deliver('m1', 'v1', q, 1, { orderly: true }),
  ],
  [
    'an orderly message that comes again although it was committed',
    'V9',
    () => {
      const scene = pair().sent('v0', q, 0).sent('v1', q, 1);
      for (const [value, offset] of [
        ['v0', 0],
        ['v1', 1],
      ] as const)
        scene.consume('m1', value, q, offset, { orderly: true });
      return scene
        .commit('m1', q, 2)
        .at(10_500)
        .add('m1', 'down', { kind: 'crash' })
        .consume('m2', 'v0', q, 0, { orderly: true });
    },
  ],
  [
    'a commit beyond what is done',
    'V10',
    () => alone().sent('v0', q, 0).deliver('m1', 'v0', q, 0).commit('m1', q, 1),
  ],
  ['a commit that falls', 'V11', () => done(done(alone()), 'v1', 1).commit('m1', q, 2).commit('m1', q, 1)],
  [
    'a commit after another has begun',
    'V12',
    () => joined().at(10_100).lose('m2', q).own('m1', q).at(10_200).commit('m2', q, 1),
  ],
  [
    'a delivery after the ownership has ended',
    'V12',
    () => handover().up('m1').lose('m2', q).own('m1', q).at(10_200).deliver('m2', 'v0', q, 0),
  ],
  [
    'a restart below the stored offset',
    'V13',
    () =>
      done(alone())
        .commit('m1', q, 1)
        .add('m1', 'down', { phase: 'invoke' })
        .add('m1', 'down', { phase: 'ok', kind: 'left' })
        .at(20_000)
        .up('m2')
        .own('m2', q)
        .consume('m2', 'v0', q, 0),
  ],
  [
    'an acknowledged message that is not stored',
    'V14',
    () => done(alone()).add('broker', 'stored', { topic, queue: q, offset: 1, value: 'v0' }),
  ],
  [
    'a message that surely failed and is stored',
    'V14',
    () =>
      alone()
        .add('producer', 'send', { phase: 'invoke', value: 'v0' })
        .add('producer', 'send', { phase: 'fail', value: 'v0' })
        .add('broker', 'stored', { topic, queue: q, offset: 0, value: 'v0' }),
  ],
  [
    'a send that does not end',
    'V14',
    () => alone().add('producer', 'send', { phase: 'invoke', value: 'v0', grace: 3_000 }).at(14_000).quiet(),
  ],
  ['a queue that stands still', 'V15', () => alone().sent('v0', q, 0).at(18_000).consume('m1', 'v0', q, 0)],
  ['timers that are left', 'V16', () => alone().add('m1', 'health', { kind: 'timers', count: 2 })],
  [
    'a shutdown beyond its deadline',
    'V16',
    () =>
      alone()
        .add('m1', 'down', { phase: 'invoke' })
        .at(40_000)
        .add('m1', 'down', { phase: 'ok', kind: 'left', grace: 15_000 }),
  ],
];

/** Each allowed exception once. */
const exceptions: readonly [string, () => Scene][] = [
  ['nothing but order', () => done(alone()).commit('m1', q, 1).at(20_000).quiet()],
  [
    'a lost message that expired',
    () =>
      alone()
        .sent('v0', q, 0)
        .add('nemesis', 'fault+', { kind: 'expired', topic, queue: q, offset: 1 })
        .at(12_000)
        .quiet(),
  ],
  [
    'a message that an operator passed over',
    () => alone().sent('v0', q, 0).add('admin', 'reset', { topic, queue: q, offset: 1 }).at(12_000).quiet(),
  ],
  [
    'a message in the dead-letter queue',
    () =>
      alone()
        .sent('v0', q, 0)
        .deliver('m1', 'v0', q, 0)
        .add('m1', 'back', { phase: 'invoke', topic, queue: q, offset: 0, epoch: 1 })
        .add('broker', 'stored', { topic, queue: q, offset: 0, value: 'v0' })
        .add('broker', 'stored', { topic: '%DLQ%G', queue: 'a:0', offset: 0, value: 'v0' })
        .at(12_000)
        .quiet(),
  ],
  ['a message above the highest processed offset, while it runs', () => done(alone()).sent('v1', q, 1)],
  [
    'a message of unknown fate that arrives, and one that does not',
    () =>
      alone()
        .add('producer', 'send', { phase: 'invoke', value: 'v0' })
        .add('producer', 'send', { phase: 'unknown', value: 'v0' })
        .consume('m1', 'v0', q, 0)
        .add('producer', 'send', { phase: 'invoke', value: 'v1' })
        .add('producer', 'send', { phase: 'unknown', value: 'v1' })
        .at(20_000)
        .quiet(),
  ],
  [
    'a send that was retried and is stored twice',
    () =>
      alone()
        .add('producer', 'send', { phase: 'invoke', value: 'v0' })
        .add('producer', 'send', { phase: 'ok', topic, queue: q, offset: 1, value: 'v0' })
        .consume('m1', 'v0', q, 0)
        .consume('m1', 'v0', q, 1),
  ],
  [
    'a failed message that comes again from the retry topic',
    () =>
      alone()
        .sent('v0', q, 0)
        .deliver('m1', 'v0', q, 0)
        .add('m1', 'back', { phase: 'invoke', topic, queue: q, offset: 0, epoch: 1 })
        .commit('m1', q, 1)
        .at(11_000)
        .consume('m1', 'v0', q, 0, { topic: '%RETRY%G' })
        .quiet(),
  ],
  [
    'a failed message that could not be sent back and comes again here',
    () =>
      alone()
        .sent('v0', q, 0)
        .deliver('m1', 'v0', q, 0)
        .add('m1', 'back', { phase: 'fail', topic, queue: q, offset: 0, epoch: 1 })
        .at(15_000)
        .consume('m1', 'v0', q, 0)
        .quiet(),
  ],
  [
    'a repeat after a crash',
    () =>
      done(pair())
        .at(11_000)
        .add('m1', 'down', { kind: 'crash' })
        .own('m2', q)
        .at(11_010)
        .consume('m2', 'v0', q, 0),
  ],
  [
    'a repeat of what a listener was at work on at a hand-over',
    () =>
      new Scene()
        .queues(q)
        .up('m2')
        .own('m2', q)
        .at(10_000)
        .sent('v0', q, 0)
        .deliver('m2', 'v0', q, 0)
        .up('m1')
        .at(10_500)
        .lose('m2', q)
        .own('m1', q)
        .at(10_510)
        .consume('m1', 'v0', q, 0)
        .at(12_000)
        .done('m2', q, 0),
  ],
  [
    'a repeat while members disagree because a notice was lost',
    () =>
      done(
        new Scene()
          .queues(q)
          .up('m2')
          .own('m2', q)
          .at(10_000)
          .add('nemesis', 'fault+', { kind: 'noticeLost' })
          .up('m1')
          .own('m1', q),
      )
        .at(10_600)
        .consume('m2', 'v0', q, 0),
  ],
  [
    'a repeat after a leave whose deadline a listener outlived',
    () =>
      pair()
        .sent('v0', q, 0)
        .deliver('m1', 'v0', q, 0)
        .add('m1', 'down', { phase: 'invoke' })
        .at(25_000)
        .add('m1', 'down', { phase: 'ok', kind: 'left' })
        .own('m2', q)
        .at(25_010)
        .consume('m2', 'v0', q, 0),
  ],
  [
    'members that agree again within the bound',
    () =>
      new Scene()
        .queues(q, 'a:1')
        .up('m1')
        .own('m1', q, 'a:1')
        .at(10_000)
        .up('m2')
        .at(10_600)
        .lose('m1', 'a:1')
        .own('m2', 'a:1')
        .at(13_000)
        .quiet(),
  ],
  ['a member without a queue', () => pair().at(20_000).quiet()],
  [
    'owners that are wrong while a list is stale',
    () => pair().add('nemesis', 'fault+', { kind: 'staleList' }).own('m2', q).at(20_000).quiet(),
  ],
  [
    'a silent death that is noticed late',
    () =>
      new Scene()
        .queues(q)
        .up('m1', 'm2')
        .own('m1', q)
        .at(10_000)
        .add('m1', 'down', { kind: 'silent' })
        .at(150_000)
        .own('m2', q)
        .quiet(),
  ],
  [
    'a skipped offset that expired',
    () =>
      done(
        done(alone())
          .add('nemesis', 'fault+', { kind: 'expired', topic, queue: q, offset: 2 })
          .sent('v1', q, 1),
        'v2',
        2,
      ),
  ],
  [
    'an orderly suffix that was not committed and comes again after a crash',
    () => {
      const scene = pair().sent('v0', q, 0).sent('v1', q, 1);
      for (const [value, offset] of [
        ['v0', 0],
        ['v1', 1],
      ] as const)
        scene.consume('m1', value, q, offset, { orderly: true });
      return scene
        .commit('m1', q, 1)
        .at(10_500)
        .add('m1', 'down', { kind: 'crash' })
        .own('m2', q)
        .at(10_600)
        .consume('m2', 'v1', q, 1, { orderly: true });
    },
  ],
  [
    'a commit that falls by a reset',
    () =>
      done(done(alone()), 'v1', 1)
        .commit('m1', q, 2)
        .at(11_000)
        .add('admin', 'reset', { topic, queue: q, offset: 0 })
        .commit('m1', q, 0)
        .consume('m1', 'v0', q, 0, { epoch: 2 })
        .consume('m1', 'v1', q, 1, { epoch: 2 }),
  ],
  [
    'a last commit before the loss is told',
    () => joined().at(10_100).commit('m2', q, 1).lose('m2', q).own('m1', q),
  ],
  [
    'a late commit on a slow network',
    () =>
      done(pair())
        .add('nemesis', 'fault+', { kind: 'slow' })
        .at(10_100)
        .lose('m1', q)
        .own('m2', q)
        .at(10_200)
        .commit('m1', q, 1),
  ],
  [
    'a queue that stands still because all listeners are at work',
    () => {
      const scene = new Scene()
        .queues(q)
        .add('m1', 'up', { phase: 'invoke', count: 1 })
        .add('m1', 'up', { phase: 'ok' })
        .own('m1', q)
        .at(10_000);
      return scene
        .sent('v0', q, 0)
        .deliver('m1', 'v0', q, 0)
        .sent('v1', q, 1)
        .at(20_000)
        .done('m1', q, 0)
        .consume('m1', 'v1', q, 1)
        .quiet();
    },
  ],
];

describe('History checker', () => {
  for (const [title, rule, scene] of anomalies)
    it(`finds ${title} (${rule})`, () => expect(rules(scene()).sort().join(' ')).to.equal(rule));
  for (const [title, scene] of exceptions)
    it(`allows ${title}`, () => expect(checkHistory(scene().events).text).to.equal(''));

  it('counts what became of the messages', () => {
    const scene = done(pair().sent('lost', q, 1));
    scene
      .at(11_000)
      .add('m1', 'down', { kind: 'crash' })
      .at(11_200)
      .own('m2', q)
      .consume('m2', 'v0', q, 0)
      .at(15_000)
      .quiet();
    const { counts } = checkHistory(scene.events);
    expect(counts).to.deep.include({
      invoked: 2,
      acked: 2,
      delivered: 2,
      lost: 1,
      duplicate: 1,
      unseen: 1,
      duplicatesByCause: { crash: 1 },
    });
    expect(counts.recovery).to.deep.equal({ times: 1, p50: 200, max: 200 });
  });

  it('prints the events that show a violation, and the faults meanwhile', () => {
    const scene = done(done(alone()), 'v1', 1)
      .commit('m1', q, 2)
      .add('nemesis', 'fault+', { kind: 'brokerDown' })
      .at(10_100)
      .commit('m1', q, 1);
    const { text } = checkHistory(scene.events);
    expect(text).to.contain('V11: m1 committed T/a:0@1 after m1 had committed 2');
    expect(text.split('\n')).to.have.length(4);
    expect(text).to.contain('brokerDown of nemesis');
  });
});
