import { expect } from 'chai';
import { describe, it } from 'mocha';

import { runningInfoText } from '../../../../protocol/model/running-info-text.ts';
import { tagSubscription } from '../../../../protocol/model/subscription-data.ts';

const info = {
  properties: new Map([['PROP_CONSUME_TYPE', 'CONSUME_PASSIVELY']]),
  subscriptionSet: [tagSubscription('Topic', 'A || B', 1)],
  mqTable: [
    [
      { topic: 'Topic', brokerName: 'broker-a', queueId: 3 },
      {
        commitOffset: 7,
        cachedMsgMinOffset: 7,
        cachedMsgMaxOffset: 8,
        cachedMsgCount: 2,
        cachedMsgSizeInMiB: 0,
        transactionMsgMinOffset: 0,
        transactionMsgMaxOffset: 0,
        transactionMsgCount: 0,
        locked: false,
        tryUnlockTimes: 0,
        lastLockTimestamp: 0,
        droped: false,
        lastPullTimestamp: 5,
        lastConsumeTimestamp: 6,
      },
    ],
  ],
  statusTable: new Map([
    [
      'Topic',
      {
        pullRT: 1.5,
        pullTPS: 2,
        consumeRT: 0.125,
        consumeOKTPS: 10,
        consumeFailedTPS: 0,
        consumeFailedMsgs: 4,
      },
    ],
  ]),
} as const;

// The integration tests compare it with what mqadmin itself prints.
describe('runningInfoText', () => {
  const lines = runningInfoText(info, (ms) => `T${ms}`).split('\n');

  it('has the sections of mqadmin, two empty lines apart, and the stacks only if there are some', () => {
    expect(lines.filter((line) => /^#[A-Z].*#$/.test(line))).to.deep.equal([
      '#Consumer Properties#',
      '#Consumer Subscription#',
      '#Consumer Offset#',
      '#Consumer MQ Detail#',
      '#Consumer Pop Detail#',
      '#Consumer RT&TPS#',
      '#User Consume Info#',
    ]);
    expect(lines.slice(0, 5)).to.deep.equal([
      '#Consumer Properties#',
      `PROP_CONSUME_TYPE${' '.repeat(23)}: CONSUME_PASSIVELY`,
      '',
      '',
      '#Consumer Subscription#',
    ]);
    expect(runningInfoText({ ...info, jstack: 'stack\n' }, String)).to.match(
      /\n\n\n#Consumer jstack#\nstack\n$/,
    );
  });

  it('pads as Java does', () => {
    expect(lines).to.include(`001 Topic: Topic${' '.repeat(35)} ClassFilter: false    SubExpression: A || B`);
    expect(lines).to.include(`Topic${' '.repeat(27)}  broker-a${' '.repeat(24)}  3     7${' '.repeat(19)}`);
    expect(lines).to.include(
      `Topic${' '.repeat(59)}  broker-a${' '.repeat(24)}  3     ProcessQueueInfo [commitOffset=7, cachedMsgMinOffset=7, ` +
        'cachedMsgMaxOffset=8, cachedMsgCount=2, cachedMsgSizeInMiB=0, transactionMsgMinOffset=0, transactionMsgMaxOffset=0, ' +
        'transactionMsgCount=0, locked=false, tryUnlockTimes=0, lastLockTimestamp=T0, droped=false, lastPullTimestamp=T5, ' +
        'lastConsumeTimestamp=T6]',
    );
    expect(lines).to.include(
      `Topic${' '.repeat(27)}  ${['1.50', '2.00', '0.13', '10.00'].map((rate) => rate.padStart(14)).join(' ')} ${'0.00'.padStart(18)} ${'4'.padStart(25)}`,
    );
  });
});
