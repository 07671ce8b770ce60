import { expect } from 'chai';
import { describe, it } from 'mocha';
import {
  CURRENT_VERSION,
  describeResponse,
  describeVersion,
  languageName,
  languageNumber,
  MQVersion,
  requestName,
  RequestCode,
  ResponseCode,
} from '../../../../protocol/index.ts';

describe('codes', () => {
  it('of answers are all described, in one sentence without a full stop', () => {
    for (const [name, code] of Object.entries(ResponseCode)) {
      const description = describeResponse(code);
      expect(description).to.include({ name, code });
      expect(description.help, name).to.match(/^[A-Z].*[^.]$/);
    }
  });

  it('of answers that nobody knows are described too', () => {
    expect(describeResponse(4711)).to.include({ name: 'UNKNOWN_4711', code: 4711, retryable: false });
  });

  it('that a producer of Java sends again for are retryable', () => {
    for (const code of [1, 2, 14, 16, 17, 204, 205, 1500])
      expect(describeResponse(code).retryable, String(code)).to.equal(true);
    for (const code of [0, 13, 23, 26, 29])
      expect(describeResponse(code).retryable, String(code)).to.equal(false);
  });

  it('of requests have names', () => {
    expect([requestName(11), requestName(200_050), requestName(9999)]).to.deep.equal([
      'PULL_MESSAGE',
      'POP_MESSAGE',
      'UNKNOWN_9999',
    ]);
    expect(RequestCode.GET_ROUTEINFO_BY_TOPIC).to.equal(105);
  });

  it('of languages are Java’s ordinals', () => {
    expect([languageNumber('JAVA'), languageNumber('OTHER'), languageNumber('NODE_JS')]).to.deep.equal([
      0, 7, 13,
    ]);
    expect([languageName(9), languageName(14)]).to.deep.equal(['GO', undefined]);
  });

  it('of versions are printed as Java prints them', () => {
    for (const [name, ordinal] of Object.entries(MQVersion)) {
      expect(describeVersion(ordinal)).to.equal(name);
    }
    expect(describeVersion(CURRENT_VERSION)).to.equal('V5_3_3');
    expect([121, 232, 480, 453, -1, 9999].map(describeVersion)).to.deep.equal([
      'V3_4_9',
      'V4_1_0_SNAPSHOT',
      'V5_3_4_SNAPSHOT',
      'V5_2_0',
      'UNKNOWN_-1',
      'HIGHER_VERSION',
    ]);
  });
});
