import { Scene } from '../scene.ts';
import { alone, done, handover, inOrder, joined, pair, q } from './beginnings.ts';

/** Each anomaly once: what happens, and the invariant it breaks. */
export const ANOMALIES: readonly [string, string, () => Scene][] = [
  ['an acknowledged message that nobody gets', 'V1', () => alone().sent('v0', q, 0).at(12_000).quiet()],
  [
    'an acknowledged message whose listener never ends',
    'V1',
    () => alone().sent('v0', q, 0).deliver('m1', 'v0', q, 0).at(90_000).quiet(),
  ],
  [
    'a message that was sent back and never came again',
    'V1',
    () => alone().sent('v0', q, 0).deliver('m1', 'v0', q, 0).back('m1', q, 0, 'invoke').at(90_000).quiet(),
  ],
  [
    'a hole below the highest processed offset, while it runs',
    'V1',
    () => done(alone().sent('v0', q, 0), 'v1', 1),
  ],
  ['a message that nobody sent', 'V2', () => alone().consume('m1', 'ghost', q, 0)],
  ['a message whose send surely failed', 'V2', () => alone().tried('v0', 'fail').consume('m1', 'v0', q, 0)],
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
    () => done(pair()).leaving('m1').at(10_010).left('m1').own('m2', q).at(10_020).consume('m2', 'v0', q, 0),
  ],
  [
    'a repeat after a hand-over that found the listener idle',
    'V5',
    () => joined().at(10_100).lose('m2', q).own('m1', q).at(10_700).consume('m1', 'v0', q, 0),
  ],
  [
    'a repeat after a crash of what was done long before',
    'V5',
    () => done(pair()).at(20_000).died('m1', 'crash').own('m2', q).at(20_010).consume('m2', 'v0', q, 0),
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
    () => alone().fault('listEmpty').at(10_100).lose('m1', q).at(10_200).own('m1', q),
  ],
  [
    'a repeat after a leave that did not wait for a listener',
    'V5',
    () =>
      pair()
        .sent('v0', q, 0)
        .deliver('m1', 'v0', q, 0)
        .leaving('m1', 15_000)
        .at(10_010)
        .left('m1')
        .own('m2', q)
        .consume('m2', 'v0', q, 0),
  ],
  ['a queue without an owner', 'V6 V7', () => alone().lose('m1', q).at(13_000).quiet()],
  [
    'a queue without an owner for minutes, whatever else happens',
    'V7',
    () => alone().fault('brokerDown').lose('m1', q).at(190_000).own('m1', q).quiet(),
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
    () =>
      inOrder()
        .commit('m1', q, 2)
        .at(10_500)
        .died('m1', 'crash')
        .consume('m2', 'v0', q, 0, { orderly: true }),
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
        .leaving('m1')
        .left('m1')
        .at(20_000)
        .up('m2')
        .own('m2', q)
        .consume('m2', 'v0', q, 0),
  ],
  ['an acknowledged message that is not stored', 'V14', () => done(alone()).stored('v0', q, 1)],
  ['a message that surely failed and is stored', 'V14', () => alone().tried('v0', 'fail').stored('v0', q, 0)],
  [
    'a send that does not end',
    'V14',
    () => alone().add('producer', 'send', { phase: 'invoke', value: 'v0', grace: 3_000 }).at(14_000).quiet(),
  ],
  ['a queue that stands still', 'V15', () => alone().sent('v0', q, 0).at(18_000).consume('m1', 'v0', q, 0)],
  ['timers that are left', 'V16', () => alone().add('m1', 'health', { kind: 'timers', count: 2 })],
  ['a shutdown beyond its deadline', 'V16', () => alone().leaving('m1').at(40_000).left('m1', 15_000)],
];
