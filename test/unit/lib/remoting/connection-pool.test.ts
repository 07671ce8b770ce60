import { expect } from 'chai';
import { describe, it } from 'mocha';

import { RequestCode } from '../../../../protocol/codes/request-code.ts';
import { answerTo, address, createWorld, echo, failure, ignore, nothing } from './fixture.ts';

const send = { ...echo, code: RequestCode.SEND_MESSAGE_V2 };

describe('additional connections', () => {
  it('are not made unless they are asked for', async () => {
    const { client, connections } = await createWorld();
    await Promise.all(
      Array.from({ length: 20 }, async () => client.invoke(address, send, { text: '' }, nothing)),
    );
    expect(connections.length).to.equal(1);
  });

  it('carry sends, many at a time each, and nothing else', async () => {
    const used = new Map<number, number[]>();
    const { client, connections, events } = await createWorld(
      (connection, request) => {
        used.set(connection.id, [...(used.get(connection.id) ?? []), request.code]);
        connection.send(answerTo(request));
      },
      { additionalConnections: 3 },
    );
    await client.invoke(address, echo, { text: '' }, nothing);
    const sends = Array.from({ length: 60 }, async () => client.invoke(address, send, { text: '' }, nothing));
    await Promise.all([...sends, client.invoke(address, echo, { text: '' }, nothing)]);
    expect(connections.length).to.equal(4);
    expect(used.get(1)).to.deep.equal([echo.code, echo.code]);
    expect([2, 3, 4].map((id) => used.get(id)?.length)).to.deep.equal([20, 20, 20]);
    expect(events).to.deep.equal([`connected ${address}`]);
    expect(client.stats()).to.include({ connections: 4, pending: 0 });
    await client.close();
  });

  it('tell why they could not be made, at once', async () => {
    const { client } = await createWorld(ignore, { additionalConnections: 2 });
    const error = await failure(client.invoke('10.0.0.9:1', send, { text: '' }, nothing));
    expect(error).to.include({
      code: 'ERR_RMQ_CONNECT',
      problem: 'connection refused, nothing listens there',
    });
    await client.close();
  });

  it('fail what waits when the client closes', async () => {
    const { client, clock } = await createWorld(ignore, { additionalConnections: 2 });
    const error = failure(client.invoke(address, send, { text: '' }, nothing));
    await clock.advance(1);
    await client.close();
    expect(await error).to.have.property('code', 'ERR_RMQ_CONNECTION_CLOSED');
    expect(clock.pendingTimers).to.equal(0);
  });
});
