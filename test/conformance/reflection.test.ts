import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isReservedProperty, MessageProperty } from '../../protocol/index.ts';
import { findDifferences } from './differences.ts';
import { explain, staleExplanations } from './explained-differences.ts';
import { reflection } from './golden-vectors.ts';

describe("conformance: the table and Java's classes", () => {
  const javas = { '4.9.7': reflection('4.9.7'), '5.5.0': reflection('5.5.0') };
  const differences = findDifferences(javas);

  it('differ only where it is explained', () => {
    const unexplained = differences.filter((difference) => explain(difference) === undefined);
    console.log(
      `      ${differences.length} differences, ${new Set(differences.map(explain)).size} explanations`,
    );
    expect(unexplained).to.deep.equal([]);
  });

  it('have no explanation that nothing needs', () => {
    expect(staleExplanations(differences)).to.deep.equal([]);
  });

  it('notices what is missing, misnumbered, invented, or of another type', () => {
    const [four, five] = [javas['4.9.7'], javas['5.5.0']];
    const changed = {
      ...five,
      requestCodes: { ...five.requestCodes, PULL_MESSAGE: 12, NEW_CODE: 9999 },
      headers: {
        ...five.headers,
        PullMessageRequestHeader: {
          fields: { ...five.headers['PullMessageRequestHeader']?.fields, queueId: 'Long' },
        },
      },
      languages: { ...five.languages, LISP: 99 },
    };
    const found = findDifferences({ '4.9.7': four, '5.5.0': changed }).filter(
      (difference) => !differences.includes(difference),
    );
    expect(found).to.deep.equal([
      '5.5.0 PullMessageRequestHeader.queueId: int here, Long in Java',
      '5.5.0 PullMessageRequestHeader.queueId: required here, not in Java',
      '5.5.0 language LISP 99: not here',
      '5.5.0 request code NEW_CODE 9999: not here',
      '5.5.0 request code PULL_MESSAGE 12: 11 here',
    ]);
  });

  it('agree on the names that users may not give to properties', () => {
    const reserved = new Set(javas['5.5.0'].reservedProperties);
    for (const name of Object.values(MessageProperty)) {
      if (!Object.values(javas['5.5.0'].properties).includes(name)) continue;
      expect(isReservedProperty(name), name).to.equal(reserved.has(name));
    }
  });
});
