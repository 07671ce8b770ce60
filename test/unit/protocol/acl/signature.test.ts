import { inspect } from 'node:util';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Credentials, signRequest } from '../../../../protocol/index.ts';

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
