import { expect } from 'chai';
import { describe, it } from 'mocha';

import { InvalidOptionError } from '../../../../lib/errors.ts';
import {
  resolvePushConsumerOptions,
  type PushConsumerOptions,
} from '../../../../lib/options/push-consumer.ts';

/** Java's ranges (`DefaultMQPushConsumerImpl.checkConfig`), and for each its default. */
const ranges: readonly (readonly [keyof PushConsumerOptions, number, number, number])[] = [
  ['consumeConcurrentlyMaxSpan', 1, 65_535, 2_000],
  ['pullThresholdForQueue', 1, 65_535, 1_000],
  ['pullThresholdForTopic', 1, 6_553_500, -1],
  ['pullThresholdSizeForQueue', 1, 1_024, 100],
  ['pullThresholdSizeForTopic', 1, 102_400, -1],
  ['pullInterval', 0, 65_535, 0],
  ['consumeMessageBatchMaxSize', 1, 1_024, 1],
  ['pullBatchSize', 1, 1_024, 32],
  ['popInvisibleTime', 5_000, 300_000, 60_000],
  ['popBatchNums', 1, 32, 32],
];

const resolve = (options: Partial<PushConsumerOptions> = {}) =>
  resolvePushConsumerOptions({ consumerGroup: 'Group', ...options }, 0);

describe('Options of a push consumer', () => {
  for (const [name, min, max, fallback] of ranges)
    it(`${name} is from ${min} to ${max}, ${fallback} by default`, () => {
      expect(resolve()[name]).to.equal(fallback);
      for (const value of [min, max]) expect(resolve({ [name]: value })[name]).to.equal(value);
      for (const value of [min - 1, max + 1].filter((each) => each !== fallback))
        expect(() => resolve({ [name]: value })).to.throw(InvalidOptionError, name);
    });
});
