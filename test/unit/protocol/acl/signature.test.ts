import { inspect } from 'node:util';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { computeSignature, Credentials, signRequest } from '../../../../protocol/index.ts';

const properties =
  'TAGS\u0001TagA\u0002WAIT\u0001true\u0002UNIQ_KEY\u00010A00000130390000ABCD000000010000\u0002';

describe('signatures', () => {
  it('are those of Java for a send request', () => {
    const ext = {
      a: 'PG1',
      b: 'TopicTest',
      c: 'TBW102',
      d: '4',
      e: '1',
      f: '0',
      g: '1700000000000',
      h: '0',
      i: properties,
      j: '0',
      k: 'false',
      m: 'false',
      n: 'broker-a',
    };
    const credentials = new Credentials({ accessKey: 'AK', secretKey: 'SK' });
    expect(signRequest(ext, Buffer.from('hello'), credentials)).to.equal('6qLh6tJrEH3Ch6zLUslg+dOVy4M=');
    expect(ext).to.include({ AccessKey: 'AK' });
    expect(signRequest({ ...ext, Signature: 'old' }, Buffer.from('hello'), credentials)).to.equal(
      '6qLh6tJrEH3Ch6zLUslg+dOVy4M=',
    );
  });

  it('are those of Java with a token and no body', () => {
    const credentials = new Credentials({ accessKey: 'AK', secretKey: 'SK', securityToken: 'TOK' });
    expect(signRequest({ topic: 'TopicTest' }, undefined, credentials)).to.equal(
      'IGppb6ruRxMKusx0TEoS/EFIaYY=',
    );
  });
});

describe('Credentials', () => {
  it('never show the secret key or the token', () => {
    const credentials = new Credentials({
      accessKey: 'AK',
      secretKey: 'planted-secret',
      securityToken: 'planted-token',
    });
    const shown = [
      inspect(credentials),
      inspect({ credentials }, { depth: 5, showHidden: true }),
      JSON.stringify(credentials),
      String(credentials),
    ].join();
    expect(shown).to.include('AK').and.not.to.include('planted');
    expect([credentials.secretKey, credentials.securityToken]).to.deep.equal([
      'planted-secret',
      'planted-token',
    ]);
  });
});

describe('computeSignature', () => {
  const text = 'The quick brown fox jumps over the lazy dog';
  const known = {
    HmacSHA1: 'de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9',
    HmacSHA256: 'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8',
    HmacMD5: '80070713463e7749b90c2dc24911e275',
  } as const;
  for (const algorithm of ['HmacSHA1', 'HmacSHA256', 'HmacMD5'] as const) {
    it(`signs with ${algorithm}`, () => {
      const signature = computeSignature({ a: text }, undefined, 'key', algorithm);
      expect(Buffer.from(signature, 'base64').toString('hex')).to.equal(known[algorithm]);
    });
  }
});
