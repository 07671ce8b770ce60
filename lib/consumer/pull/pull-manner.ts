import { PullSysFlag } from '../../../protocol/message/sys-flag.ts';
import type { SubscriptionData } from '../../../protocol/model/subscription-data.ts';
import type { PullRequest } from '../../api/pull-message.ts';
import type { ResolvedConsumerOptions } from '../../options/consumer.ts';

/** What one kind of consumer asks for in its pulls. */
export interface PullManner {
  /** How long a pull may take in all, in ms; longer than the broker may hold it. */
  readonly timeout: number;
  /** What differs from kind to kind in a request to the broker at `address`. */
  fields(
    subscription: SubscriptionData,
    address: string,
  ): Pick<PullRequest, 'sysFlag' | 'suspendTimeout' | 'subscription' | 'subVersion'>;
}

/** How long the broker may hold a pull that finds nothing, in ms. Java: `BROKER_SUSPEND_MAX_TIME_MILLIS`. */
const BROKER_SUSPEND = 15_000;

/** Must exceed the hold. Java: `CONSUMER_TIMEOUT_MILLIS_WHEN_SUSPEND`. */
const PULL_TIMEOUT = 30_000;

/** Push consumers: the broker takes the filter from the heartbeat, unless the options say otherwise. Java: `DefaultMQPushConsumerImpl.pullMessage`. */
export function pushManner({
  postSubscriptionWhenPull: posted,
}: Pick<ResolvedConsumerOptions, 'postSubscriptionWhenPull'>): PullManner {
  const sysFlag = PullSysFlag.suspend | (posted ? PullSysFlag.subscription : 0);
  return {
    timeout: PULL_TIMEOUT,
    fields: ({ subString, subVersion }) => ({
      sysFlag,
      suspendTimeout: BROKER_SUSPEND,
      subscription: posted ? subString : undefined,
      subVersion,
    }),
  };
}
