import { expect } from 'chai';
import { describe, it } from 'mocha';

import { noHeader } from '../../../../protocol/schema/header.ts';

import { settle } from '../../../support/fake-clock.ts';
import { address, createWorld, failure, notice } from './fixture.ts';
import type { World } from './fixture.ts';

const connected = async (): Promise<World> => {
  const world = await createWorld();
  world.client.keep(address);
  await settle();
  return world;
};

describe('requests of servers', () => {
  it('are answered by their handler, which sees header and address', async () => {
    const { client, connections } = await connected();
    client.handle(notice, ({ header, address: from }) => ({ remark: from, header: { heard: header.group } }));
    const answer = await connections[0]?.invoke(notice, { group: 'G' }, undefined, 1_000);
    expect(answer).to.include({ code: 0, flag: 1, remark: address });
    expect({ ...answer?.extFields }).to.deep.equal({ heard: 'G' });
  });

  it('are answered with code 3 that names the code when nobody handles them', async () => {
    const { connections } = await connected();
    const answer = await connections[0]?.invoke(notice, { group: 'G' }, undefined, 1_000);
    expect(answer?.code).to.equal(3);
    expect(answer?.remark).to.contain('7002');
  });

  it('are answered with code 1 and the message when the handler throws, rejects, or the header is bad', async () => {
    const { client, connections } = await connected();
    client.handle(notice, () => {
      throw new Error('Sync');
    });
    expect(await connections[0]?.invoke(notice, { group: 'G' }, undefined, 1_000)).to.include({
      code: 1,
      remark: 'Sync',
    });
    client.handle(notice, async () => Promise.reject(new Error('Async')));
    expect(await connections[0]?.invoke(notice, { group: 'G' }, undefined, 1_000)).to.include({
      code: 1,
      remark: 'Async',
    });
    const stripped = { ...notice, request: noHeader };
    const answer = await connections[0]?.invoke(stripped, {}, undefined, 1_000);
    expect(answer?.remark).to.contain('NoticeHeader.group');
  });

  it('are never answered when they are oneway', async () => {
    const { client, connections, clock } = await connected();
    const heard: string[] = [];
    client.handle(notice, ({ header }) => {
      heard.push(header.group);
      throw new Error('Nobody hears this');
    });
    const { writes } = client.stats();
    connections[0]?.oneway(notice, { group: 'G' }, undefined);
    connections[0]?.oneway({ ...notice, code: 9_999 }, { group: 'G' }, undefined);
    await clock.advance(1);
    expect(heard).to.deep.equal(['G']);
    expect(client.stats().writes).to.equal(writes);
  });

  it('time out at the server when the handler gives no answer', async () => {
    const { client, connections, clock } = await connected();
    client.handle(notice, () => undefined);
    const answer = failure(
      connections[0]?.invoke(notice, { group: 'G' }, undefined, 1_000) ?? Promise.resolve(),
    );
    await clock.advance(1_000);
    expect(await answer).to.have.property('code', 'ERR_RMQ_TIMEOUT');
  });

  it('fail at the server when the client goes', async () => {
    const { client, connections } = await connected();
    client.handle(notice, async () => new Promise(() => {}));
    const answer = failure(
      connections[0]?.invoke(notice, { group: 'G' }, undefined, 1_000) ?? Promise.resolve(),
    );
    await settle();
    await client.close();
    expect(await answer).to.include({ code: 'ERR_RMQ_CONNECTION_CLOSED', wasSent: true });
    expect(
      await failure(connections[0]?.invoke(notice, { group: 'G' }, undefined, 1_000) ?? Promise.resolve()),
    ).to.include({
      wasSent: false,
    });
  });
});

describe('RemotingServer', () => {
  it('answers with code 1 when its owner throws', async () => {
    const { client } = await createWorld(() => {
      throw new Error('No such thing');
    });
    const { echo, nothing } = await import('./fixture.ts');
    expect(await client.request(address, echo, { text: '' }, nothing)).to.include({
      code: 1,
      remark: 'No such thing',
    });
  });

  it('tells of clients that come and go, and closes with all of them', async () => {
    const { client, server, clock } = await connected();
    expect(server.connections.map(({ id }) => id)).to.deep.equal([1]);
    await server.close();
    await settle();
    expect(server.connections).to.deep.equal([]);
    expect(client.isConnected(address)).to.equal(false);
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });
});
