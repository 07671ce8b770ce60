import { expect } from 'chai';
import { describe, it } from 'mocha';

import { withNamespace, withoutNamespace } from '../../../../protocol/message/namespace.ts';

/** Short name, and name in the namespace `INST`: the cases of Java's `NamespaceUtilTest`, and more. */
const pairs: readonly (readonly [string, string])[] = [
  ['Topic', 'INST%Topic'],
  ['%RETRY%Group', '%RETRY%INST%Group'],
  ['%DLQ%Group', '%DLQ%INST%Group'],
  ['Other%Topic', 'INST%Other%Topic'],
  ['INSTANCE', 'INST%INSTANCE'],
];

const unchanged = [
  '',
  'TBW102',
  'SCHEDULE_TOPIC_XXXX',
  'RMQ_SYS_TRACE_TOPIC',
  'rmq_sys_anything',
  'CID_RMQ_SYS_TRANS',
  'SELF_TEST_TOPIC',
];

describe('withNamespace', () => {
  for (const [short, full] of pairs)
    it(`makes ${full} of ${short}, once, and takes it off again`, () => {
      expect(withNamespace('INST', short)).to.equal(full);
      expect(withNamespace('INST', full)).to.equal(full);
      expect(withoutNamespace('INST', full)).to.equal(short);
      expect(withoutNamespace('OTHER', full)).to.equal(full);
    });

  it('leaves names of the system alone, and everything without a namespace', () => {
    for (const name of unchanged) expect(withNamespace('INST', name)).to.equal(name);
    for (const name of [...unchanged, 'Topic', 'INST%Topic', '%RETRY%INST%Group']) {
      expect(withNamespace(undefined, name)).to.equal(name);
      expect(withoutNamespace(undefined, name)).to.equal(name);
    }
  });
});
