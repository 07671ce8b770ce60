import { expect } from 'chai';
import { describe, it } from 'mocha';

import { UserNames } from '../../../../lib/instance/user-names.ts';

const names = new UserNames('INST');
const queue = { topic: 'INST%Topic', brokerName: 'broker-a', queueId: 1 };
const short = { ...queue, topic: 'Topic' };

describe('UserNames', () => {
  it('turns queues from one form into the other', () => {
    expect(names.shortQueue(queue)).to.deep.equal(short);
    expect(names.fullQueue(short)).to.deep.equal(queue);
    expect(names.fullQueue(queue)).to.deep.equal(queue);
  });

  it('shows events with short names, in queues, lists and maps, and leaves errors and texts alone', () => {
    const error = Object.assign(new Error('INST%Topic'), { topic: 'INST%Topic' });
    const event = {
      topic: 'INST%Topic',
      consumerGroup: 'INST%Group',
      queue,
      gained: [queue],
      topics: new Map([['INST%Topic', 3]]),
      shares: new Map([['10.0.0.1@1', [queue]]]),
      message: 'of INST%Topic',
      error,
      offset: 3,
      nothing: undefined,
    };
    const shown = names.shown(event);
    expect(shown).to.deep.equal({
      topic: 'Topic',
      consumerGroup: 'Group',
      queue: short,
      gained: [short],
      topics: new Map([['Topic', 3]]),
      shares: new Map([['10.0.0.1@1', [short]]]),
      message: 'of INST%Topic',
      error,
      offset: 3,
      nothing: undefined,
    });
    expect(shown.error).to.equal(error);
    expect(event.queue.topic, 'the original').to.equal('INST%Topic');
  });

  it('copies nothing without a namespace', () => {
    const event = { queue };
    expect(new UserNames(undefined).shown(event)).to.equal(event);
    expect(new UserNames(undefined).shortQueue(queue)).to.equal(queue);
  });
});
