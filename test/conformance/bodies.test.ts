import { expect } from 'chai';
import { describe, it } from 'mocha';
import { parseFastjson } from '../../protocol/index.ts';
import { bodiesOfTable } from './bodies-of-table.ts';
import { compareValues, explainValue } from './compare-values.ts';
import { bodyVectors, GENERATIONS } from './golden-vectors.ts';

/** Bodies that are written often, or that Java compares: ours are Java's byte for byte. */
const HOT = [
  'HeartbeatData',
  'LockBatchRequestBody',
  'LockBatchResponseBody',
  'UnlockBatchRequestBody',
  'ConsumerConnection',
  'ResetOffsetBody',
  'GetConsumerStatusBody',
  'CheckClientRequestBody',
  'QueryAssignmentRequestBody',
  'BatchAckMessageRequestBody',
  'TopicList',
  'KVTable',
] as const;

describe('conformance: JSON bodies', () => {
  const bodies = bodiesOfTable();

  for (const generation of GENERATIONS) {
    const vectors = bodyVectors(generation);
    const modelled = vectors.filter((vector) => bodies.has(vector.class));

    it(`have a text that is read, of every class of Java ${generation}`, () => {
      for (const { class: name, text } of vectors) expect(() => parseFastjson(text), name).not.to.throw();
      const classes = new Set(vectors.map((vector) => vector.class));
      console.log(`      ${generation}: ${vectors.length} vectors of ${classes.size} classes`);
    });

    it(`have the values of Java ${generation}`, () => {
      const differences = new Set(
        modelled.flatMap(({ class: name, value, text, variant }) =>
          // Times of 63 bits saturate; there is a test of its own.
          variant === 'large' ? [] : compareValues(bodies.get(name)?.decode(Buffer.from(text)), value, name),
        ),
      );
      const classes = new Set(modelled.map((vector) => vector.class));
      console.log(
        `      ${generation}: ${modelled.length} vectors of ${classes.size} bodies, ${differences.size} differences, all explained`,
      );
      expect([...differences].filter((difference) => explainValue(difference) === undefined)).to.deep.equal(
        [],
      );
    });

    it(`are written as documents that hold what Java ${generation} wrote`, () => {
      for (const { class: name, text, variant } of modelled) {
        const body = bodies.get(name);
        const written = body?.encode(body.decode(Buffer.from(text)))?.toString('utf8') ?? '';
        const lost = lostMembers(parseFastjson(written), parseFastjson(text), name);
        expect(
          lost.filter((difference) => explainValue(difference) === undefined),
          `${name} ${variant}`,
        ).to.deep.equal([]);
      }
    });
  }

  it('are Java’s byte for byte where they are hot', () => {
    for (const name of HOT) {
      const own = bodyVectors('5.5.0').filter(
        (vector) => vector.class === name && (vector.variant === 'full' || vector.variant === 'real'),
      );
      expect(own, name).not.to.be.empty;
      for (const { text } of own) {
        const body = bodies.get(name);
        const written = body?.encode(body.decode(Buffer.from(text)))?.toString('utf8');
        expect(written, name).to.equal(text);
      }
    }
  });

  it('read shared objects and times beyond 2^53 of both generations', () => {
    for (const generation of GENERATIONS) {
      const vectors = bodyVectors(generation);
      const large = vectors.find((vector) => vector.variant === 'large');
      expect(parseFastjson(large?.text ?? '')).to.have.property('subVersion', 9_223_372_036_854_775_807n);
      expect(vectors.filter((vector) => vector.variant === 'shared')).to.have.length(3);
    }
  });
});

/** What the second document holds and the first does not, or otherwise. */
function lostMembers(ours: unknown, java: unknown, where: string): string[] {
  if (typeof java !== 'object' || java === null)
    return Object.is(ours, java) || Number(ours) === Number(java)
      ? []
      : [`${where}: ${String(ours)}, ${String(java)} in Java`];
  if (typeof ours !== 'object' || ours === null) return [`${where}: not modelled`];
  const members = canonicalKeys(ours);
  return Object.entries(canonicalKeys(java)).flatMap(([member, value]) => {
    const path = Array.isArray(java) ? `${where}[]` : `${where}.${member}`;
    return lostMembers(members[member], value, path);
  });
}

/** A key that is an object is named by its text, in which escapes may be written in several ways. */
function canonicalKeys(value: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.startsWith('{"brokerName"') ? JSON.stringify(JSON.parse(key)) : key,
      item,
    ]),
  );
}
