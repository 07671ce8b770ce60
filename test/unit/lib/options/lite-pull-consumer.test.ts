import { expect } from 'chai';
import { describe, it } from 'mocha';

import { InvalidOptionError } from '../../../../lib/errors.ts';
import {
  resolveLitePullConsumerOptions,
  type LitePullConsumerOptions,
} from '../../../../lib/options/lite-pull-consumer.ts';

const resolve = (options: Partial<LitePullConsumerOptions> = {}) =>
  resolveLitePullConsumerOptions({ consumerGroup: 'Group', ...options }, 1_700_000_000_000);

describe('Options of a lite pull consumer', () => {
  it('have the defaults of DefaultLitePullConsumer', () => {
    expect(resolve()).to.include({
      autoCommit: true,
      autoCommitIntervalMillis: 5_000,
      pullBatchSize: 10,
      pullThresholdForAll: 10_000,
      pullThresholdForQueue: 1_000,
      pullThresholdSizeForQueue: 100,
      consumeMaxSpan: 2_000,
      pollTimeoutMillis: 5_000,
      topicMetadataCheckIntervalMillis: 30_000,
      brokerSuspendMaxTimeMillis: 20_000,
      consumerTimeoutMillisWhenSuspend: 30_000,
      consumerPullTimeoutMillis: 10_000,
      consumeFromWhere: 'last',
      messageModel: 'clustering',
    });
  });

  it('rule the parts that every consumer has', () => {
    const options = resolve({ consumeMaxSpan: 7, autoCommitIntervalMillis: 1_000 });
    expect(options).to.include({ consumeConcurrentlyMaxSpan: 7, persistConsumerOffsetInterval: 1_000 });
  });

  const refused: readonly (readonly [string, object])[] = [
    ['autoCommitIntervalMillis', { autoCommitIntervalMillis: 999 }],
    ['consumerTimeoutMillisWhenSuspend', { consumerTimeoutMillisWhenSuspend: 19_999 }],
    // Those of push consumers have no effect here, so they are not taken.
    ['consumeConcurrentlyMaxSpan', { consumeConcurrentlyMaxSpan: 10 }],
    ['persistConsumerOffsetInterval', { persistConsumerOffsetInterval: 10_000 }],
    ['consumeConcurrency', { consumeConcurrency: 1 }],
  ];
  for (const [name, options] of refused)
    it(`are refused by name: ${name}`, () => {
      expect(() => resolve(options)).to.throw(InvalidOptionError, name);
    });
});
