import { expect } from 'chai';
import { describe, it } from 'mocha';

import { readSendResult, sendStatus } from '../../../../lib/producer/send-result.ts';
import type { RemotingCommand } from '../../../../protocol/remoting-command.ts';

const queue = { topic: 'T', brokerName: 'broker-a', queueId: 3 };
const answer = (extFields?: Record<string, string>): RemotingCommand => ({
  code: 0,
  language: 'JAVA',
  version: 479,
  opaque: 1,
  flag: 1,
  extFields,
  serializeType: 0,
});

describe('send result', () => {
  it('knows the four codes of a stored message', () => {
    expect([0, 10, 11, 12, 1, 17].map(sendStatus)).to.deep.equal([
      'SEND_OK',
      'FLUSH_DISK_TIMEOUT',
      'SLAVE_NOT_AVAILABLE',
      'FLUSH_SLAVE_TIMEOUT',
      undefined,
      undefined,
    ]);
  });

  it('is read from the fields of the answer', () => {
    const ext = {
      msgId: '0A',
      queueId: '3',
      queueOffset: '42',
      transactionId: 'tx',
      MSG_REGION: 'r',
      recallHandle: 'h',
    };
    expect(readSendResult('SEND_OK', answer(ext), 'id', queue)).to.deep.equal({
      status: 'SEND_OK',
      messageId: 'id',
      offsetMessageId: '0A',
      queue,
      queueOffset: 42,
      transactionId: 'tx',
      regionId: 'r',
      recallHandle: 'h',
    });
  });

  it('names the queue that the broker chose', () => {
    const result = readSendResult(
      'SEND_OK',
      answer({ msgId: '0A', queueId: '1', queueOffset: '0' }),
      'id',
      queue,
    );
    expect(result.queue).to.deep.equal({ topic: 'T', brokerName: 'broker-a', queueId: 1 });
  });

  it('does not fail on an answer without fields, as some proxies give', () => {
    const result = readSendResult('SEND_OK', answer(), 'id', queue);
    expect(result).to.include({
      status: 'SEND_OK',
      messageId: 'id',
      offsetMessageId: '',
      queueOffset: -1,
      regionId: 'DefaultRegion',
    });
    expect(readSendResult('SEND_OK', answer({}), 'id', queue)).to.deep.equal(result);
  });
});
