import { expect } from 'chai';
import { describe, it } from 'mocha';
import { AllocationError } from '../../../../lib/allocate/allocation-error.ts';
import { checkAllocation } from '../../../../lib/allocate/checked-allocation.ts';
import { RocketMQError } from '../../../../protocol/errors.ts';
import { EIGHT, input, queues } from './fixtures.ts';

function refusal(result: unknown): AllocationError {
  try {
    checkAllocation(result, input());
  } catch (error) {
    if (error instanceof AllocationError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('allocate: checkAllocation', () => {
  it("passes any choice of the queues, as the input's own objects", () => {
    expect(checkAllocation([], input())).to.deep.equal([]);
    const [first, second] = checkAllocation(queues('b1', 'a0'), input());
    expect(first).to.equal(EIGHT[5]);
    expect(second).to.equal(EIGHT[0]);
  });

  it('refuses a queue that was not offered, and names it', () => {
    const error = refusal(queues('a0', 'a4'));
    expect(error.fault).to.equal('foreign-queue');
    expect(error.queue).to.deep.equal({ topic: 'TopicTest', brokerName: 'broker-a', queueId: 4 });
    expect(error.message).to.equal(
      'Consumer group group: the allocate function returned TopicTest@broker-a@4, which was not among the queues',
    );
  });

  it('refuses a queue given twice', () => {
    const error = refusal(queues('a0', 'b1', 'a0'));
    expect(error.fault).to.equal('repeated-queue');
    expect(error.queue).to.equal(EIGHT[0]);
  });

  it('refuses what is no list of queues, and says what it got', () => {
    expect(refusal(undefined).message).to.contain('returned undefined instead of an array');
    expect(refusal(Promise.resolve([])).message).to.contain('a promise (it must not be async)');
    expect(refusal({ a: 1 }).message).to.contain('an object that is no queue');
    expect(refusal([null]).message).to.contain('an array with null in it');
    expect(refusal([{ ...EIGHT[0], queueId: '0' }]).fault).to.equal('invalid-result');
    expect(refusal([[]]).fault).to.equal('invalid-result');
  });

  it('fails with an error of the family, with the facts', () => {
    const error = refusal(undefined);
    expect(error).to.be.instanceOf(RocketMQError);
    expect(error).to.include({
      name: 'AllocationError',
      code: 'ERR_RMQ_ALLOCATION',
      retryable: false,
      consumerGroup: 'group',
      clientId: '10.0.0.1@1',
    });
  });
});
