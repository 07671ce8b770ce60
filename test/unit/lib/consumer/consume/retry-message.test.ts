import { expect } from 'chai';
import { describe, it } from 'mocha';

import { copyTargets } from '../../../../../lib/consumer/consume/copy-targets.ts';
import { retryProperties, retryTimes } from '../../../../../lib/consumer/consume/retry-message.ts';
import { seededRandom } from '../../../../../lib/runtime/random.ts';
import { decodeProperties } from '../../../../../protocol/message/properties.ts';
import type { ReceivedMessage } from '../../../../../protocol/message/stored-message.ts';

const message = (reconsumeTimes: number, properties: Record<string, string>): ReceivedMessage =>
  ({
    reconsumeTimes,
    topic: 'Topic',
    messageId: 'ID',
    properties: new Map(Object.entries(properties)),
  }) as unknown as ReceivedMessage;

describe('retryProperties', () => {
  it('tells where a copy comes from and when it is to come, and keeps the properties of the user', () => {
    const properties = retryProperties(message(2, { KEYS: 'k', colour: 'blue', UNIQ_KEY: 'ID' }), 0);
    expect(Object.fromEntries(decodeProperties(properties))).to.deep.equal({
      KEYS: 'k',
      colour: 'blue',
      UNIQ_KEY: 'ID',
      ORIGIN_MESSAGE_ID: 'ID',
      RETRY_TOPIC: 'Topic',
      DELAY: '5',
    });
  });

  it('leaves behind what belongs to the last delivery, and keeps the first origin', () => {
    const last = {
      TRAN_MSG: 'true',
      POP_CK: 'x',
      DELAY: '1',
      RECONSUME_TIME: '1',
      MAX_RECONSUME_TIMES: '2',
      CONSUME_START_TIME: '1700000000000',
      ORIGIN_MESSAGE_ID: 'FIRST',
    };
    expect(Object.fromEntries(decodeProperties(retryProperties(message(0, last), 7)))).to.deep.equal({
      ORIGIN_MESSAGE_ID: 'FIRST',
      RETRY_TOPIC: 'Topic',
      DELAY: '7',
    });
  });
});

describe('retryTimes', () => {
  it('counts one try more, and for the dead-letter queue more than are allowed', () => {
    const times = (tries: number, level: number): number => retryTimes({ reconsumeTimes: tries }, level, 16);
    expect([times(0, 0), times(3, 5), times(0, -1), times(20, -1)]).to.deep.equal([1, 4, 17, 21]);
  });
});

describe('copyTargets', () => {
  const queues = ['a', 'b', 'c', 'd'].flatMap((brokerName) =>
    [0, 1].map((queueId) => ({ topic: 'T', brokerName, queueId })),
  );
  const random = seededRandom(1);

  it('are queues of three brokers, any of each, and never first the one that refused', () => {
    const firsts = new Set<string>();
    for (let run = 0; run < 200; run++) {
      const targets = copyTargets(queues, 'b', random);
      expect(new Set(targets.map(({ brokerName }) => brokerName)).size).to.equal(3);
      expect(targets.map(({ brokerName }) => brokerName)).to.not.include('b');
      firsts.add(`${targets[0]?.brokerName}${targets[0]?.queueId}`);
    }
    expect([...firsts].toSorted()).to.deep.equal(['a0', 'a1', 'c0', 'c1', 'd0', 'd1']);
  });

  it('are the broker that refused alone where there is no other, and none where there is no queue', () => {
    const own = copyTargets(queues.slice(2, 4), 'b', random);
    expect(own.map(({ brokerName }) => brokerName)).to.deep.equal(['b']);
    const last = copyTargets(queues.slice(0, 4), 'b', random);
    expect(last.map(({ brokerName }) => brokerName)).to.deep.equal(['a', 'b']);
    expect(copyTargets([], 'b', random)).to.deep.equal([]);
  });
});
