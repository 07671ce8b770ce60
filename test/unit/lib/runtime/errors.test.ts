import { expect } from 'chai';
import { describe, it } from 'mocha';

import * as errors from '../../../../lib/errors.ts';

const queue = { topic: 'T', brokerName: 'broker-a', queueId: 3 };

describe('errors', () => {
  it('have a stable code, a name, and say whether it is worth to try again', () => {
    const examples = [
      new errors.ConnectError('a:1'),
      new errors.ConnectionClosedError('a:1', true),
      new errors.OverloadedError('a:1', 5),
      new errors.RequestTimeoutError('a:1', 'PULL_MESSAGE', 3_000, { retryable: true }),
      new errors.ResponseError(17, undefined, 'a:1', 'PULL_MESSAGE'),
      new errors.RouteNotFoundError('T'),
      new errors.BrokerNotFoundError('broker-a'),
      new errors.NameServerError([]),
      new errors.SendFailedError('T', []),
      new errors.InvalidOptionError('pullBatchSize', 'must be an integer from 1 to 1024'),
      new errors.InvalidMessageError('T', 'has no body'),
      new errors.IllegalStateError('Producer', 'stopped', 'running'),
      new errors.ConsumeError('ID', queue),
    ];
    expect(examples.map(({ name, code, retryable }) => `${name} ${code} ${retryable}`)).to.deep.equal([
      'ConnectError ERR_RMQ_CONNECT true',
      'ConnectionClosedError ERR_RMQ_CONNECTION_CLOSED true',
      'OverloadedError ERR_RMQ_OVERLOADED true',
      'RequestTimeoutError ERR_RMQ_TIMEOUT true',
      'ResponseError ERR_RMQ_RESPONSE true',
      'RouteNotFoundError ERR_RMQ_NO_ROUTE true',
      'BrokerNotFoundError ERR_RMQ_NO_BROKER true',
      'NameServerError ERR_RMQ_NAME_SERVER true',
      'SendFailedError ERR_RMQ_SEND_FAILED false',
      'InvalidOptionError ERR_RMQ_INVALID_OPTION false',
      'InvalidMessageError ERR_RMQ_INVALID_MESSAGE false',
      'IllegalStateError ERR_RMQ_ILLEGAL_STATE false',
      'ConsumeError ERR_RMQ_CONSUME true',
    ]);
    expect(examples.every((error) => error instanceof errors.RocketMQError)).to.equal(true);
    expect(
      examples.filter(({ message }) => message.endsWith('.') || /^[a-z]{2,}/.test(message)),
    ).to.deep.equal([]);
  });

  it('list every attempt, and have the last as their cause', () => {
    const last = new Error('refused');
    const names = new errors.NameServerError([
      { address: 'a:1', error: new Error('timed out') },
      { address: 'b:1', error: last },
    ]);
    expect(names.message).to.equal('No name server could be reached (a:1: timed out; b:1: refused)');
    expect(names.cause).to.equal(last);
    const send = new errors.SendFailedError('T', [{ queue, error: last, took: 12.3 }]);
    expect(send.message).to.equal(
      'Sending to topic T failed after 1 attempt (broker-a queue 3, 12 ms: refused)',
    );
    expect(send.cause).to.equal(last);
  });

  it('know answers of servers by name', () => {
    const error = new errors.ResponseError(17, 'No topic', 'a:1', 'PULL_MESSAGE');
    expect(error.message).to.equal('a:1 answered PULL_MESSAGE with TOPIC_NOT_EXIST (17): No topic');
    expect(errors.isResponse(error, 'TOPIC_NOT_EXIST')).to.equal(true);
    expect(errors.isResponse(error, 'SYSTEM_ERROR', 'NO_PERMISSION')).to.equal(false);
    expect(errors.isResponse(new Error('Other'), 'TOPIC_NOT_EXIST')).to.equal(false);
  });
});
