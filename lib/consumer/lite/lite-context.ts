import type { ResolvedLitePullConsumerOptions } from '../../options/lite-pull-consumer.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import type { Emit } from '../tell.ts';
import type { LitePullConsumerEvents } from './lite-events.ts';
import type { Selection } from './selection.ts';

/** What the parts of a running lite pull consumer share. */
export interface LiteContext extends ConsumerContext {
  readonly options: ResolvedLitePullConsumerOptions;
  readonly selection: Selection;
  readonly emit: Emit<LitePullConsumerEvents>;
}
