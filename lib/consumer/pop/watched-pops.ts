import type { ConsumerRole } from '../../instance/roles.ts';
import type { Watched } from '../progress/pull-watchdog.ts';
import type { PopContext } from './pop-context.ts';
import { hasPopRoom } from './pop-flow.ts';
import type { PopQueue } from './pop-queue.ts';
import type { PopQueues } from './pop-queues.ts';

/** Queues that are popped, for the watchdog: one that is given up is taken again by the next round. Java: `PopProcessQueue.isPullExpired`. */
export function watchedPops(
  { clock, options, pauses }: Pick<PopContext, 'clock' | 'options' | 'pauses'>,
  queues: Pick<PopQueues, 'drop'>,
  role: Pick<ConsumerRole, 'wake'>,
): Watched<PopQueue> {
  return {
    done: 'popped',
    mayPull: (queue) => !pauses.has(queue) && hasPopRoom(queue, options),
    explain: ({ isFailing }) => {
      const why = isFailing ? 'its last pop failed' : 'its last pop was never answered';
      return `${why}; it begins anew`;
    },
    recreate: (queue) => {
      queues.drop(queue);
      role.wake({ kind: 'queueRecreated', at: clock.now(), detail: queue.key });
    },
  };
}
