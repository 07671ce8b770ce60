import { expect } from 'chai';
import { describe, it } from 'mocha';

import { ResponseCode } from '../../../../protocol/codes/response-code.ts';
import { ProtocolError } from '../../../../protocol/errors.ts';
import {
  BrokerNotFoundError,
  ConnectError,
  ConnectionClosedError,
  RequestTimeoutError,
  ResponseError,
} from '../../../../lib/errors.ts';
import {
  attemptTimeout,
  isRetryableCode,
  judgeOutcome,
  mayTryAgain,
} from '../../../../lib/producer/send-attempts.ts';

const queue = { topic: 'T', brokerName: 'broker-a', queueId: 0 };
const answered = (code: number) => new ResponseError(code, 'remark', '10.0.0.1:10911', 'SEND_MESSAGE_V2');
const first = { made: 1, allowed: 3, remaining: 1_000 };

describe('send attempts', () => {
  it("retry exactly the response codes of Java's producer", () => {
    const codes = Object.values(ResponseCode).filter(isRetryableCode);
    expect(codes.sort((a, b) => a - b)).to.deep.equal([1, 2, 14, 16, 17, 204, 205, 1500]);
  });

  const retried: [string, Error][] = [
    ['no connection', new ConnectError('10.0.0.1:10911')],
    ['a closed connection', new ConnectionClosedError('10.0.0.1:10911', true)],
    ['a timeout', new RequestTimeoutError('10.0.0.1:10911', 'SEND_MESSAGE_V2', 500)],
    ['an unknown broker', new BrokerNotFoundError('broker-a')],
    ['a busy broker', answered(ResponseCode.SYSTEM_BUSY)],
  ];
  for (const [name, error] of retried) {
    it(`go on after ${name}`, () => {
      expect(mayTryAgain(error, first)).to.be.true;
    });
  }

  const final: [string, Error][] = [
    ['a message the broker finds illegal', answered(ResponseCode.MESSAGE_ILLEGAL)],
    ['a response code nobody knows', answered(4711)],
    ['bytes that cannot be encoded', new ProtocolError('frame', 'is too large')],
    ['a bug', new TypeError('x is not a function')],
  ];
  for (const [name, error] of final) {
    it(`end with ${name}`, () => {
      expect(mayTryAgain(error, first)).to.be.false;
    });
  }

  it('end when all are used up, or the time is', () => {
    const error = answered(ResponseCode.SYSTEM_BUSY);
    expect(mayTryAgain(error, { ...first, made: 2 })).to.be.true;
    expect(mayTryAgain(error, { ...first, made: 3 })).to.be.false;
    expect(mayTryAgain(error, { ...first, remaining: 0 })).to.be.false;
    expect(mayTryAgain(error, { made: 1, allowed: 1, remaining: 1_000 })).to.be.false;
  });

  it('may be cut short as long as another is left', () => {
    expect(attemptTimeout(first, undefined)).to.equal(1_000);
    expect(attemptTimeout(first, 300)).to.equal(300);
    expect(attemptTimeout({ ...first, remaining: 200 }, 300)).to.equal(200);
    expect(attemptTimeout({ ...first, made: 2 }, 300)).to.equal(1_000);
  });

  const outcomes: [string, Error, 'notSent' | 'unknown'][] = [
    ['was never connected', new ConnectError('10.0.0.1:10911'), 'notSent'],
    ['had no address', new BrokerNotFoundError('broker-a'), 'notSent'],
    [
      'lost the connection before the bytes left',
      new ConnectionClosedError('10.0.0.1:10911', false),
      'notSent',
    ],
    [
      'lost the connection after the bytes left',
      new ConnectionClosedError('10.0.0.1:10911', true),
      'unknown',
    ],
    ['was refused', answered(ResponseCode.MESSAGE_ILLEGAL), 'notSent'],
    ['met a broker that failed', answered(ResponseCode.SYSTEM_ERROR), 'unknown'],
    ['got no answer', new RequestTimeoutError('10.0.0.1:10911', 'SEND_MESSAGE_V2', 500), 'unknown'],
  ];
  for (const [name, error, outcome] of outcomes) {
    it(`say ${outcome} of a message that ${name}`, () => {
      expect(judgeOutcome([{ queue, error, took: 1 }])).to.equal(outcome);
    });
  }

  it('say unknown when one of several may have been stored', () => {
    const attempts = [answered(ResponseCode.SYSTEM_ERROR), answered(ResponseCode.SYSTEM_BUSY)].map(
      (error) => ({ queue, error, took: 1 }),
    );
    expect(judgeOutcome(attempts)).to.equal('unknown');
  });
});
