import { expect } from 'chai';
import { describe, it } from 'mocha';

import { clientId, defaultInstanceName } from '../../../../lib/instance/client-id.ts';
import { DuplicateMemberError } from '../../../../lib/instance/duplicate-member-error.ts';
import { chooseInstance } from '../../../../lib/instance/instance-registry.ts';
import type { Shareable } from '../../../../lib/instance/instance-registry.ts';
import { chooseLocalIp } from '../../../../lib/instance/local-ip.ts';
import type { Member } from '../../../../lib/instance/member.ts';
import { resolveClientOptions } from '../../../../lib/options/client.ts';
import type { ClientOptions } from '../../../../lib/options/client.ts';
import { seededRandom } from '../../../../lib/runtime/random.ts';

describe('client id', () => {
  it('is ip@instanceName, and @unitName where there is one', () => {
    expect(clientId({ ip: '10.0.0.1', instanceName: 'Consumer1' })).to.equal('10.0.0.1@Consumer1');
    expect(clientId({ ip: '10.0.0.1', instanceName: 'Consumer1', unitName: 'u' })).to.equal(
      '10.0.0.1@Consumer1@u',
    );
  });

  it('is unique by default, but stable when broadcasting', () => {
    const random = seededRandom(7);
    const [a, b] = [0, 1].map(() => defaultInstanceName('CLUSTERING', { pid: 42, random }));
    expect(a)
      .to.match(/^42#[0-9a-z]{12}$/)
      .and.not.to.equal(b);
    expect(defaultInstanceName('BROADCASTING', { pid: 42, random })).to.equal('DEFAULT');
  });

  it('prefers an IPv4 address that others can reach', () => {
    const v4 = { address: '192.168.1.5', family: 'IPv4', internal: false };
    const v6 = { address: '2001:db8::1', family: 'IPv6', internal: false };
    const loopback = { address: '127.0.0.1', family: 'IPv4', internal: true };
    const linkLocal = { address: 'fe80::1', family: 'IPv6', internal: false };
    expect(chooseLocalIp([loopback, linkLocal, v6, v4])).to.equal('192.168.1.5');
    expect(chooseLocalIp([loopback, linkLocal, v6])).to.equal('2001:db8::1');
    expect(chooseLocalIp([loopback, linkLocal])).to.equal('127.0.0.1');
  });
});

describe('sharing an instance', () => {
  const producer: Member = { kind: 'producer', group: 'P' };
  const consumer: Member = { kind: 'consumer', group: 'G' };
  const instance = (options: ClientOptions, members: readonly Member[], id?: string): Shareable => ({
    clientId: id ?? 'ip@made-up',
    isNameOurs: id === undefined,
    options: resolveClientOptions(options),
    members: new Set(members),
  });
  const choose = (
    instances: readonly Shareable[],
    options: ClientOptions,
    member: Member,
    clientId?: string,
  ) => chooseInstance(instances, { options: resolveClientOptions(options), member, clientId });

  it('joins the instance with the same connection options', () => {
    const shared = instance({ nameServers: 'a:1;b:2' }, [producer]);
    expect(choose([shared], { nameServers: ['b:2', 'a:1'] }, consumer)).to.equal(shared);
    expect(choose([shared], { nameServers: 'a:1' }, consumer)).to.equal(undefined);
    expect(choose([shared], { nameServers: 'a:1;b:2', tls: true }, consumer)).to.equal(undefined);
    expect(choose([shared], { nameServers: 'a:1;b:2', requestTimeout: 1 }, consumer)).to.equal(undefined);
  });

  it('compares credentials by what they say', () => {
    const [a, b] = [
      { accessKey: 'k', secretKey: 's' },
      { accessKey: 'k', secretKey: 'other' },
    ];
    const shared = instance({ credentials: a }, [producer]);
    expect(choose([shared], { credentials: { ...a } }, consumer)).to.equal(shared);
    expect(choose([shared], { credentials: b }, consumer)).to.equal(undefined);
  });

  it('gives a second member of a group an instance of its own', () => {
    const shared = instance({}, [consumer]);
    expect(choose([shared], {}, { kind: 'consumer', group: 'G' })).to.equal(undefined);
    expect(choose([shared], {}, { kind: 'producer', group: 'G' })).to.equal(shared);
    const second = instance({}, [producer]);
    expect(choose([shared, second], {}, { kind: 'consumer', group: 'G' })).to.equal(second);
  });

  it('refuses the same name twice in one group, as Java does', () => {
    const named = instance({}, [consumer], 'ip@Consumer1');
    expect(() => choose([named], {}, { kind: 'consumer', group: 'G' }, 'ip@Consumer1')).to.throw(
      DuplicateMemberError,
      /G.*ip@Consumer1.*instanceName/,
    );
    expect(choose([named], {}, producer, 'ip@Consumer1')).to.equal(named);
    expect(
      choose([named], { nameServers: 'other:1' }, { kind: 'consumer', group: 'G' }, 'ip@Consumer1'),
    ).to.equal(undefined);
    expect(choose([named], {}, { kind: 'consumer', group: 'H' })).to.equal(undefined);
  });
});
