import { expect } from 'chai';
import { describe, it } from 'mocha';

import { ResponseError } from '../../../../lib/errors.ts';
import { settle } from '../../../support/fake-clock.ts';
import { address, answerTo, createWorld, echo, failure, nothing } from './fixture.ts';

describe('RemotingClient', () => {
  it('answers a request with the decoded header and body', async () => {
    const { client } = await createWorld();
    const answer = await client.invoke(address, echo, { text: 'hi' }, Buffer.from('body'));
    expect(answer).to.deep.equal({ header: { text: 'hi' }, body: Buffer.from('body') });
  });

  it('sends all requests of one turn in one write, and reads their answers in one read', async () => {
    const { client, received } = await createWorld();
    await client.invoke(address, echo, { text: 'first' }, nothing);
    const before = client.stats();
    await Promise.all(
      Array.from({ length: 50 }, async (_, n) => client.invoke(address, echo, { text: `${n}` }, nothing)),
    );
    const after = client.stats();
    expect(after.writes - before.writes).to.equal(1);
    expect(after.reads - before.reads).to.equal(1);
    expect(received.length).to.equal(51);
  });

  it('gives every request an opaque of its own and brings answers in any order to the right caller', async () => {
    const { client } = await createWorld((connection, request) => {
      const delay = Number(request.extFields?.['text']);
      queueMicrotask(() => {
        if (delay % 2 === 0) connection.send(answerTo(request));
        else setImmediate(() => connection.send(answerTo(request)));
      });
    });
    const texts = Array.from({ length: 9 }, (_, n) => String(n));
    const answers = await Promise.all(
      texts.map(async (text) => client.invoke(address, echo, { text }, nothing)),
    );
    expect(answers.map(({ header }) => header.text)).to.deep.equal(texts);
  });

  it('turns a code other than success into a ResponseError that names server, command and code', async () => {
    const { client } = await createWorld((connection, request) =>
      connection.send(answerTo(request, { code: 17, remark: 'no such topic' })),
    );
    const error = await failure(client.invoke(address, echo, { text: '' }, nothing));
    expect(error).to.be.instanceOf(ResponseError);
    expect(error).to.include({
      responseCode: 17,
      responseName: 'TOPIC_NOT_EXIST',
      address,
      command: 'ECHO',
      remark: 'no such topic',
    });
    expect((await client.request(address, echo, { text: '' }, nothing)).code).to.equal(17);
  });

  it('leaves neither timer nor connection after close, and refuses requests', async () => {
    const { client, clock, network } = await createWorld();
    client.keep(address);
    await client.invoke(address, echo, { text: '' }, nothing);
    await client.close();
    await settle();
    expect(clock.pendingTimers).to.equal(0);
    expect(network.connections).to.equal(0);
    expect(await failure(client.invoke(address, echo, { text: '' }, nothing))).to.have.property(
      'code',
      'ERR_RMQ_ILLEGAL_STATE',
    );
  });
});
