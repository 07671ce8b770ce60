import { expect } from 'chai';
import { describe, it } from 'mocha';
import {
  checkGroup,
  checkTopic,
  deadLetterTopic,
  isDeadLetterTopic,
  isRetryTopic,
  isSendableTopic,
  ProtocolError,
  retryTopic,
} from '../../../../protocol/index.ts';

describe('names of topics and groups', () => {
  it('are accepted as Java accepts them', () => {
    for (const name of ['T', 'Topic_1-a|b', '%RETRY%group', 'a'.repeat(127)])
      expect(() => checkTopic(name), name).not.to.throw();
    expect(() => checkTopic(retryTopic('g'.repeat(200)))).not.to.throw();
    expect(() => checkGroup('g'.repeat(120))).not.to.throw();
  });

  for (const name of ['', '  ', 'a b', 'a.b', '主题', 'a/../b', 'a@b', 'a\n', 'a'.repeat(128)]) {
    it(`are refused: ${JSON.stringify(name.slice(0, 20))}`, () => {
      expect(() => checkTopic(name)).to.throw(ProtocolError, /^topic: /);
      expect(() => checkGroup(name)).to.throw(ProtocolError, /^group: /);
    });
  }

  it('of groups leave room for the retry prefix', () => {
    expect(() => checkGroup('g'.repeat(121))).to.throw(ProtocolError, /at most 120/);
  });

  it('tell retry and dead-letter topics', () => {
    expect([retryTopic('g'), deadLetterTopic('g')]).to.deep.equal(['%RETRY%g', '%DLQ%g']);
    expect([isRetryTopic('%RETRY%g'), isRetryTopic('%DLQ%g'), isDeadLetterTopic('%DLQ%g')]).to.deep.equal([
      true,
      false,
      true,
    ]);
    expect([isSendableTopic('T'), isSendableTopic('SCHEDULE_TOPIC_XXXX')]).to.deep.equal([true, false]);
  });
});
