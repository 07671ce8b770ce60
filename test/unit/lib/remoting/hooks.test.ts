import { expect } from 'chai';
import { describe, it } from 'mocha';

import { Credentials } from '../../../../protocol/acl/credentials.ts';
import { SerializeType } from '../../../../protocol/remoting-command.ts';
import { none } from '../../../../protocol/schema/body.ts';
import { command } from '../../../../protocol/schema/command.ts';
import { string } from '../../../../protocol/schema/field.ts';
import { header } from '../../../../protocol/schema/header.ts';
import { address, answerTo, createWorld, echo, failure, nothing } from './fixture.ts';

/** As in Java's GET_ROUTEINFO_BY_TOPIC; the vector of wire-protocol.md 8.1. */
const route = command({
  code: 105,
  name: 'GET_ROUTEINFO_BY_TOPIC',
  servedBy: 'nameServer',
  request: header('GetRouteInfoRequestHeader', { topic: string() }),
  response: header('None', {}),
  requestBody: none,
  responseBody: none,
});

const credentials = new Credentials({ accessKey: 'AK', secretKey: 'SK', securityToken: 'TOK' });

describe('the hooks of a client', () => {
  it('end with the signature', async () => {
    const { client, received } = await createWorld(undefined, { credentials });
    await client.request(address, route, { topic: 'TopicTest' }, undefined);
    expect({ ...received[0]?.extFields }).to.deep.equal({
      topic: 'TopicTest',
      AccessKey: 'AK',
      SecurityToken: 'TOK',
      Signature: 'IGppb6ruRxMKusx0TEoS/EFIaYY=',
    });
  });

  it('sign fields that other hooks add, and each transmission anew', async () => {
    let times = 0;
    const { client, received } = await createWorld(
      (connection, request) => connection.send(answerTo(request, connection.id === 1 ? { code: 1_500 } : {})),
      {
        credentials,
        hooks: [{ beforeRequest: (_address, { extFields }) => void (extFields['zone'] = `z${++times}`) }],
      },
    );
    await client.request(address, route, { topic: 'TopicTest' }, undefined);
    expect(received.map(({ extFields }) => extFields?.['zone'])).to.deep.equal(['z1', 'z2']);
    expect(received[0]?.extFields?.['Signature']).not.to.equal(received[1]?.extFields?.['Signature']);
  });

  it('see the answer', async () => {
    const seen: unknown[] = [];
    const { client } = await createWorld(undefined, {
      hooks: [{ afterResponse: (of, request, response) => seen.push([of, request.code, response.code]) }],
    });
    await client.invoke(address, echo, { text: '' }, nothing);
    expect(seen).to.deep.equal([[address, 7_001, 0]]);
  });

  it('fail the request when they throw, and only that', async () => {
    let fails = true;
    const { client } = await createWorld(undefined, {
      hooks: [
        {
          beforeRequest() {
            if (fails) throw new Error('No');
          },
        },
      ],
    });
    const error = await failure(client.invoke(address, echo, { text: '' }, nothing));
    expect(error).to.have.property('code', 'ERR_RMQ_PROTOCOL');
    expect(error.cause).to.have.property('message', 'No');
    fails = false;
    await client.invoke(address, echo, { text: '' }, nothing);
  });
});

describe('the header of a request', () => {
  const serializeTypeOf = async (options: Parameters<typeof createWorld>[1], code: number, text: string) => {
    const { client, received } = await createWorld(undefined, options);
    await client.request(address, { ...echo, code }, { text }, nothing);
    return received[0]?.serializeType;
  };

  it('is JSON unless binary is asked for and can hold it', async () => {
    const binary = { serializeType: 'ROCKETMQ' } as const;
    expect(await serializeTypeOf({}, 105, 'x')).to.equal(SerializeType.JSON);
    expect(await serializeTypeOf(binary, 105, 'x')).to.equal(SerializeType.ROCKETMQ);
    expect(await serializeTypeOf(binary, 105, '')).to.equal(SerializeType.ROCKETMQ);
    expect(await serializeTypeOf(binary, 200_050, 'x')).to.equal(SerializeType.JSON);
    expect(await serializeTypeOf({ ...binary, credentials }, 105, 'x')).to.equal(SerializeType.ROCKETMQ);
    expect(await serializeTypeOf({ ...binary, credentials }, 105, '')).to.equal(SerializeType.JSON);
  });

  it('says NODE_JS to servers that know it, and OTHER before that is known', async () => {
    const versions = [400, 477];
    const { client, received } = await createWorld((connection, request) =>
      connection.send(answerTo(request, { version: versions[received.length - 1] ?? 513 })),
    );
    for (let n = 0; n < 3; n++) await client.invoke(address, echo, { text: '' }, nothing);
    expect(received.map(({ language }) => language)).to.deep.equal(['OTHER', 'OTHER', 'NODE_JS']);
    expect(received.map(({ version }) => version)).to.deep.equal([479, 479, 479]);
  });

  it('fails the caller, by a callback in a later turn, when it cannot be encoded', async () => {
    const { client } = await createWorld();
    const codes: unknown[] = [];
    client.call(address, echo, {} as { text: string }, nothing, 1_000, (error) => codes.push(error?.code));
    expect(codes).to.deep.equal([]);
    await Promise.resolve();
    expect(codes).to.deep.equal(['ERR_RMQ_PROTOCOL']);
  });
});

describe('a oneway request', () => {
  it('carries the flag, waits for no answer, and resolves once it is handed over', async () => {
    const { client, received, clock } = await createWorld(() => {});
    await client.oneway(address, echo, { text: 'x' }, nothing);
    await clock.advance(1);
    expect(received.map(({ flag }) => flag)).to.deep.equal([2]);
    expect(client.stats().pending).to.equal(0);
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  it('still leaves when the client is closed right after', async () => {
    const { client, received, clock } = await createWorld(() => {});
    await client.oneway(address, echo, { text: 'x' }, nothing);
    await client.close();
    await clock.advance(1);
    expect(received.length).to.equal(1);
  });

  it('fails when there is no connection to be had', async () => {
    const { client } = await createWorld();
    expect(await failure(client.oneway('10.0.0.9:1', echo, { text: 'x' }, nothing))).to.have.property(
      'code',
      'ERR_RMQ_CONNECT',
    );
  });
});
