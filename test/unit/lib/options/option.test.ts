import { expect } from 'chai';
import { describe, it } from 'mocha';
import { inspect } from 'node:util';

import { InvalidOptionError } from '../../../../lib/errors.ts';
import { readCredentials, resolveClientOptions } from '../../../../lib/options/client.ts';
import { nearestName } from '../../../../lib/options/nearest-name.ts';
import {
  callback,
  flag,
  integer,
  millis,
  oneOf,
  optionalText,
  resolveOptions,
  text,
  textOr,
} from '../../../../lib/options/option.ts';
import type { Options } from '../../../../lib/options/option.ts';
import { Credentials } from '../../../../protocol/acl/credentials.ts';

const table = {
  /** The group. */
  group: text(),
  pullBatchSize: integer(32, { min: 1, max: 1_024 }),
  timeout: millis(3_000),
  model: oneOf('clustering', 'broadcasting'),
  unitMode: flag(),
  unitName: optionalText(),
  key: textOr('TBW102'),
  onRetry: callback(() => {}),
};
type Given = Options<typeof table>;

const resolve = (given: unknown) => resolveOptions(table, given as Given);

describe('an option table', () => {
  it('fills in defaults and freezes the result', () => {
    const options = resolve({ group: 'G' });
    expect(options).to.deep.include({
      group: 'G',
      pullBatchSize: 32,
      timeout: 3_000,
      model: 'clustering',
      unitMode: false,
      unitName: undefined,
      key: 'TBW102',
    });
    expect(options).to.be.frozen;
  });

  it('takes undefined for left out', () => {
    expect(resolve({ group: 'G', pullBatchSize: undefined }).pullBatchSize).to.equal(32);
  });

  const refusals: readonly (readonly [given: object, message: RegExp])[] = [
    [{}, /^Option group is required: it must be a non-empty string$/],
    [{ group: '' }, /^Option group must be a non-empty string, not ""$/],
    [{ group: 'G', pullBatchSize: 0 }, /^Option pullBatchSize must be an integer from 1 to 1024, not 0$/],
    [{ group: 'G', pullBatchSize: 1.5 }, /from 1 to 1024, not 1.5/],
    [{ group: 'G', pullBatchSize: '32' }, /not "32"/],
    [{ group: 'G', timeout: 2 ** 31 }, /milliseconds from 1 to 2147483647/],
    [{ group: 'G', model: 'CLUSTERING' }, /one of clustering, broadcasting, not "CLUSTERING"/],
    [{ group: 'G', unitMode: 'yes' }, /true or false/],
    [{ group: 'G', onRetry: 1 }, /a function, not 1/],
    [{ group: 'G', pullbatchsize: 5 }, /^Option pullbatchsize is unknown. Did you mean pullBatchSize\?$/],
    [{ group: 'G', zzzzzzzzzz: 5 }, /is unknown. Known options: group, pullBatchSize/],
    [{ group: 'G', toString: 5 }, /Option toString is unknown/],
    [{ group: 'G', unitName: null }, /Option unitName must be a non-empty string, not null/],
  ];
  for (const [given, message] of refusals) {
    it(`refuses ${inspect(given)}`, () => {
      expect(() => resolve(given)).to.throw(InvalidOptionError, message);
    });
  }

  it('finds the name that was meant', () => {
    expect(nearestName('nameserver', ['nameServers', 'namespace'])).to.equal('nameServers');
    expect(nearestName('abcdef', ['nameServers'])).to.equal(undefined);
  });
});

describe('client options', () => {
  const refuse = (given: object, message: RegExp) =>
    expect(() => resolveClientOptions(given)).to.throw(InvalidOptionError, message);

  it('have the defaults of Java', () => {
    const options = resolveClientOptions({});
    expect(options).to.include({
      requestTimeout: 3_000,
      pollNameServerInterval: 30_000,
      heartbeatBrokerInterval: 30_000,
    });
    expect(options).to.include({
      serializeType: 'JSON',
      vipChannel: false,
      nameServers: undefined,
      instanceName: undefined,
    });
  });

  it('refuse what cannot work', () => {
    refuse({ nameServers: [] }, /nameServers must be host:port/);
    refuse({ instanceName: 'a@b' }, /instanceName must be a non-empty string without @/);
    refuse({ heartbeatBrokerInterval: 120_000 }, /from 100 to 110000/);
    refuse({ environment: {} }, /clock, random and transport/);
    refuse({ addressMap: { a: 1 } }, /addressMap/);
    refuse({ logger: 'loud' }, /one of trace, debug/);
  });

  it('never show a secret', () => {
    try {
      resolveClientOptions({ credentials: { accessKey: '', secretKey: 'planted-secret' } });
      expect.fail('must be refused');
    } catch (error) {
      expect(inspect(error)).to.contain('accessKey and secretKey').and.not.to.contain('planted-secret');
    }
  });

  it('read credentials in either form', () => {
    const credentials = new Credentials({ accessKey: 'a', secretKey: 's' });
    expect(readCredentials(credentials)).to.equal(credentials);
    expect(readCredentials({ accessKey: 'a', secretKey: 's' })?.secretKey).to.equal('s');
    expect(readCredentials(undefined)).to.equal(undefined);
  });
});
