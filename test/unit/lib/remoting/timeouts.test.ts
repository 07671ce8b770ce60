import { expect } from 'chai';
import { describe, it } from 'mocha';

import { RequestTimeoutError } from '../../../../lib/errors.ts';
import type { RemotingCommand } from '../../../../protocol/remoting-command.ts';
import { settle } from '../../../support/fake-clock.ts';
import { address, answerTo, createWorld, echo, failure, ignore, nothing } from './fixture.ts';

describe('timeouts of requests', () => {
  it('end a request that is never answered at its deadline, not before', async () => {
    const { client, clock } = await createWorld(ignore);
    let error: Error | undefined;
    void failure(client.invoke(address, echo, { text: '' }, nothing, { timeout: 3_000 })).then(
      (reason) => (error = reason),
    );
    await clock.advance(2_999);
    expect(error).to.equal(undefined);
    await clock.advance(1);
    expect(error).to.be.instanceOf(RequestTimeoutError);
    expect(error).to.include({ address, command: 'ECHO', after: 3_000, retryable: true });
    expect(client.stats().pending).to.equal(0);
  });

  it('need one timer for any number of requests, whatever their deadlines', async () => {
    const { client, clock } = await createWorld(ignore);
    const codes: string[] = [];
    for (let n = 0; n < 500; n++)
      client.call(address, echo, { text: '' }, nothing, 1_000 + (n % 7) * 200, (error) =>
        codes.push(error?.code ?? ''),
      );
    await settle();
    expect(clock.pendingTimers).to.equal(1);
    await clock.advance(8_000);
    expect(codes).to.deep.equal(Array.from({ length: 500 }, () => 'ERR_RMQ_TIMEOUT'));
    expect(clock.pendingTimers).to.equal(0);
  });

  it('count a late answer, and the connection serves on', async () => {
    const asked: RemotingCommand[] = [];
    const { client, clock, connections, events } = await createWorld((connection, request) => {
      asked.push(request);
      if (asked.length > 1) connection.send(answerTo(request));
    });
    const error = failure(client.invoke(address, echo, { text: 'a' }, nothing, { timeout: 100 }));
    await clock.advance(101);
    expect(await error).to.be.instanceOf(RequestTimeoutError);
    const first = asked[0] as RemotingCommand;
    connections[0]?.send(answerTo(first));
    await settle();
    expect(client.stats()).to.include({ late: 1, unknown: 0, connections: 1 });
    expect(events).to.include(`stray ${first.opaque} 0`);
    expect((await client.invoke(address, echo, { text: 'b' }, nothing)).header.text).to.equal('b');
  });

  it('count answers to nothing that was asked, second answers included', async () => {
    const { client, clock, connections } = await createWorld((connection, request) => {
      connection.send(answerTo(request));
      connection.send(answerTo(request));
    });
    await client.invoke(address, echo, { text: '' }, nothing);
    connections[0]?.send({
      language: 'JAVA',
      version: 479,
      flag: 1,
      serializeType: 0,
      code: 0,
      opaque: 123_456,
    });
    await settle();
    expect(client.stats()).to.include({ late: 0, unknown: 2 });
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  it('cover the time that connecting takes', async () => {
    const { client, clock, network } = await createWorld();
    network.partition(address);
    const error = failure(client.invoke(address, echo, { text: '' }, nothing, { timeout: 500 }));
    await clock.advance(500);
    expect(await error).to.be.instanceOf(RequestTimeoutError);
    expect((await error).message).to.contain('while connecting');
  });

  it('give up a connection on which nothing is heard while request after request times out', async () => {
    const { client, clock, network, events } = await createWorld();
    client.keep(address);
    await client.invoke(address, echo, { text: '' }, nothing);
    network.partition(address);
    const first = failure(client.invoke(address, echo, { text: '' }, nothing, { timeout: 2_000 }));
    await clock.advance(2_000);
    expect(await first).to.be.instanceOf(RequestTimeoutError);
    expect(events).to.deep.equal([`connected ${address}`]);
    const second = failure(client.invoke(address, echo, { text: '' }, nothing, { timeout: 2_000 }));
    await clock.advance(2_001);
    expect(await second).to.be.instanceOf(RequestTimeoutError);
    expect(events).to.deep.equal([`connected ${address}`, `disconnected ${address}`]);
    network.heal(address);
    await clock.advance(5_000);
    expect(client.isConnected(address)).to.equal(true);
    await client.close();
  });
});

describe('the signal of a request', () => {
  it('ends it with the reason; a later answer is late', async () => {
    const { client, connections, received } = await createWorld(ignore);
    const controller = new AbortController();
    const error = failure(client.invoke(address, echo, { text: '' }, nothing, { signal: controller.signal }));
    await settle();
    const reason = new Error('Enough');
    controller.abort(reason);
    expect(await error).to.equal(reason);
    connections[0]?.send(answerTo(received[0] as RemotingCommand));
    await settle();
    expect(client.stats()).to.include({ late: 1, pending: 0 });
  });

  it('ends a request that waits for a connection', async () => {
    const { client, clock, network } = await createWorld();
    network.partition(address);
    const controller = new AbortController();
    const error = failure(client.invoke(address, echo, { text: '' }, nothing, { signal: controller.signal }));
    await settle();
    controller.abort();
    expect((await error).name).to.equal('AbortError');
    expect(client.stats().pending).to.equal(0);
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  it('refuses at once when it has aborted before', async () => {
    const { client, received } = await createWorld();
    const error = await failure(
      client.invoke(address, echo, { text: '' }, nothing, { signal: AbortSignal.abort() }),
    );
    expect(error.name).to.equal('AbortError');
    expect(received).to.deep.equal([]);
  });
});
