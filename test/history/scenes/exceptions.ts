import { Scene } from '../scene.ts';
import { alone, done, handover, inOrder, joined, pair, q, topic } from './beginnings.ts';

/** A member dies, and what it had not committed comes again to the next. */
const suffixAgain = (): Scene =>
  inOrder()
    .commit('m1', q, 1)
    .at(10_500)
    .died('m1', 'crash')
    .own('m2', q)
    .at(10_600)
    .consume('m2', 'v1', q, 1, { orderly: true });

/** Each allowed exception once. */
export const EXCEPTIONS: readonly [string, () => Scene][] = [
  ['nothing but order', () => done(alone()).commit('m1', q, 1).at(20_000).quiet()],
  [
    'a lost message that expired',
    () => alone().sent('v0', q, 0).fault('expired', { topic, queue: q, offset: 1 }).at(12_000).quiet(),
  ],
  ['a message that an operator passed over', () => alone().sent('v0', q, 0).reset(q, 1).at(12_000).quiet()],
  [
    'a message in the dead-letter queue',
    () =>
      alone()
        .sent('v0', q, 0)
        .deliver('m1', 'v0', q, 0)
        .back('m1', q, 0, 'invoke')
        .stored('v0', q, 0)
        .stored('v0', q, 0, '%DLQ%G')
        .at(12_000)
        .quiet(),
  ],
  ['a message above the highest processed offset, while it runs', () => done(alone()).sent('v1', q, 1)],
  [
    'a message of unknown fate that arrives, and one that does not',
    () => alone().tried('v0', 'unknown').consume('m1', 'v0', q, 0).tried('v1', 'unknown').at(20_000).quiet(),
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
        .back('m1', q, 0, 'invoke')
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
        .back('m1', q, 0, 'fail')
        .at(15_000)
        .consume('m1', 'v0', q, 0)
        .quiet(),
  ],
  [
    'a repeat after a crash',
    () => done(pair()).at(11_000).died('m1', 'crash').own('m2', q).at(11_010).consume('m2', 'v0', q, 0),
  ],
  [
    'a repeat of what a listener was at work on at a hand-over',
    () =>
      handover()
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
      done(new Scene().queues(q).up('m2').own('m2', q).at(10_000).fault('noticeLost').up('m1').own('m1', q))
        .at(10_600)
        .consume('m2', 'v0', q, 0),
  ],
  [
    'a repeat after a leave whose deadline a listener outlived',
    () =>
      pair()
        .sent('v0', q, 0)
        .deliver('m1', 'v0', q, 0)
        .leaving('m1')
        .at(25_000)
        .left('m1')
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
    () => pair().fault('staleList').own('m2', q).at(20_000).quiet(),
  ],
  ['a silent death that is noticed late', () => pair().died('m1', 'silent').at(150_000).own('m2', q).quiet()],
  [
    'a skipped offset that expired',
    () => done(done(alone()).fault('expired', { topic, queue: q, offset: 2 }).sent('v1', q, 1), 'v2', 2),
  ],
  ['an orderly suffix that was not committed and comes again after a crash', suffixAgain],
  [
    'an orderly suffix that comes again after a crash and is committed in the same millisecond',
    () => suffixAgain().commit('m2', q, 2),
  ],
  [
    'a message of a locked queue whose old owner died at work',
    () =>
      pair()
        .sent('v0', q, 0)
        .deliver('m1', 'v0', q, 0, { locked: true })
        .at(10_500)
        .died('m1', 'crash')
        .own('m2', q)
        .at(10_600)
        .consume('m2', 'v0', q, 0, { locked: true }),
  ],
  [
    'an orderly message that failed and comes again to the next owner',
    () =>
      pair()
        .sent('v0', q, 0)
        .deliver('m1', 'v0', q, 0, { orderly: true })
        .back('m1', q, 0, 'fail')
        .at(10_500)
        .leaving('m1')
        .left('m1')
        .own('m2', q)
        .at(10_600)
        .consume('m2', 'v0', q, 0, { orderly: true }),
  ],
  [
    'a commit that falls by a reset',
    () =>
      done(done(alone()), 'v1', 1)
        .commit('m1', q, 2)
        .at(11_000)
        .reset(q, 0)
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
    () => done(pair()).fault('slow').at(10_100).lose('m1', q).own('m2', q).at(10_200).commit('m1', q, 1),
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
