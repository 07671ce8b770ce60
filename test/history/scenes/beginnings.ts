import { Scene } from '../scene.ts';

/** The one topic, and one queue of it. */
export const topic = 'T';
export const q = 'a:0';

/** One member that owns one queue since long ago. */
export const alone = (): Scene => new Scene().queues(q).up('m1').own('m1', q).at(10_000);

/** Two members, and the queue belongs to the first. */
export const pair = (): Scene => new Scene().queues(q).up('m1', 'm2').own('m1', q).at(10_000);

/** The second member alone, with a message in the queue. */
export const handover = (): Scene => new Scene().queues(q).up('m2').own('m2', q).at(10_000).sent('v0', q, 0);

/** The same, the message is done, and the first member, to which the queue is then due, joins. */
export const joined = (): Scene => handover().consume('m2', 'v0', q, 0).up('m1');

/** Two members, and the first has done two messages in their order. */
export const inOrder = (): Scene =>
  pair()
    .sent('v0', q, 0)
    .sent('v1', q, 1)
    .consume('m1', 'v0', q, 0, { orderly: true })
    .consume('m1', 'v1', q, 1, { orderly: true });

/** One more message, sent and done. */
export const done = (scene: Scene, value = 'v0', offset = 0): Scene =>
  scene.sent(value, q, offset).consume('m1', value, q, offset);
