import { expect } from 'chai';
import { describe, it } from 'mocha';
import { checkHistory } from './checker.ts';
import type { Scene } from './scene.ts';
import { ANOMALIES } from './scenes/anomalies.ts';
import { alone, done, pair, q } from './scenes/beginnings.ts';
import { EXCEPTIONS } from './scenes/exceptions.ts';

const rules = (scene: Scene): string[] => [
  ...new Set(checkHistory(scene.events).violations.map(({ rule }) => rule)),
];

describe('History checker', () => {
  for (const [title, rule, scene] of ANOMALIES)
    it(`finds ${title} (${rule})`, () => expect(rules(scene()).sort().join(' ')).to.equal(rule));
  for (const [title, scene] of EXCEPTIONS)
    it(`allows ${title}`, () => expect(checkHistory(scene().events).text).to.equal(''));

  it('counts what became of the messages', () => {
    const scene = done(pair().sent('lost', q, 1));
    scene.at(11_000).died('m1', 'crash').at(11_200).own('m2', q).consume('m2', 'v0', q, 0).at(15_000).quiet();
    const { counts } = checkHistory(scene.events);
    expect(counts).to.deep.include({
      invoked: 2,
      acked: 2,
      delivered: 2,
      lost: 1,
      duplicate: 1,
      unseen: 1,
      duplicatesByCause: { crash: 1 },
    });
    expect(counts.recovery).to.deep.equal({ times: 1, p50: 200, max: 200 });
  });

  it('prints the events that show a violation, and the faults meanwhile', () => {
    const scene = done(done(alone()), 'v1', 1)
      .commit('m1', q, 2)
      .fault('brokerDown')
      .at(10_100)
      .commit('m1', q, 1);
    const { text } = checkHistory(scene.events);
    expect(text).to.contain('V11: m1 committed T/a:0@1 after m1 had committed 2');
    expect(text.split('\n')).to.have.length(4);
    expect(text).to.contain('brokerDown of nemesis');
  });
});
