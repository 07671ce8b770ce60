import { MQVersion } from '../../../protocol/codes/version.ts';
import { PullSysFlag } from '../../../protocol/message/sys-flag.ts';
import type { PullManner } from '../pull/pull-manner.ts';
import type { LiteContext } from './lite-context.ts';

/**
 * Pulls that bring their filter along, by LITE_PULL_MESSAGE where the broker knows it: from 5.0 on. Java's client of 5.x uses it always, and
 * gets nothing from a broker of 4.9. Java: `DefaultLitePullConsumerImpl.pullSyncImpl`.
 */
export function liteManner({ options, instance }: Pick<LiteContext, 'options' | 'instance'>): PullManner {
  const sysFlag = PullSysFlag.suspend | PullSysFlag.subscription;
  const knowsLite = (address: string): boolean => (instance.brokerVersion(address) ?? 0) >= MQVersion.V5_0_0;
  return {
    timeout: options.consumerTimeoutMillisWhenSuspend,
    fields: ({ subString, subVersion, expressionType }, address) => ({
      sysFlag: knowsLite(address) ? sysFlag | PullSysFlag.litePull : sysFlag,
      suspendTimeout: options.brokerSuspendMaxTimeMillis,
      subscription: subString,
      subVersion: expressionType === 'TAG' ? 0 : subVersion,
    }),
  };
}
