import { expect } from 'chai';
import { it } from 'mocha';

import { Commands } from '../../../protocol/commands/index.ts';
import { decodeProperties, encodeProperties } from '../../../protocol/message/properties.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { type Answer, RawCluster, remarkOf, textsOf } from './raw-cluster.ts';

await describeEverywhere('Query by key', (target) => {
  it('finds messages by any of their keys and by their unique id, the newest first to be kept', async () => {
    await using raw = await RawCluster.open(target);
    await raw.send('one', { KEYS: 'k1 k2', UNIQ_KEY: 'U1' });
    await raw.send('two', { KEYS: 'k2', UNIQ_KEY: 'U2' });
    const query = async (key: string, change: object = {}): Promise<Answer> => {
      const header = {
        topic: raw.topic,
        key,
        maxNum: 32,
        beginTimestamp: 0,
        endTimestamp: Date.now() + 60_000,
      };
      return raw.ask(Commands.queryMessage, { ...header, ...change }, undefined);
    };
    // The index is written after the message.
    await eventually(async () => (textsOf(await query('k2')).length === 2 ? true : undefined), {
      what: 'both messages',
    });
    expect(textsOf(await query('k2'))).to.deep.equal(['one', 'two']);
    expect(textsOf(await query('k2', { maxNum: 1 }))).to.deep.equal(['two']);
    expect(textsOf(await query('k1'))).to.deep.equal(['one']);
    expect(textsOf(await query('U2', { uniqueKeyQuery: true }))).to.deep.equal(['two']);
    for (const answer of [
      await query('none'),
      await query('k1', { endTimestamp: 5 }),
      await query('k1', { topic: uniqueName('No') }),
    ])
      expect([answer.code, remarkOf(answer)]).to.deep.equal([
        22,
        'can not find message, maybe time range not correct',
      ]);
  });
});

await describeEverywhere('Request and reply', (target) => {
  const replyTo = async (raw: RawCluster, client: string | undefined): Promise<Answer> => {
    const properties = new Map([
      ['CORRELATION_ID', 'id'],
      ['MSG_TYPE', 'reply'],
      ...(client === undefined ? [] : [['REPLY_TO_CLIENT', client] as const]),
    ]);
    const header = { ...raw.sendHeader(), properties: encodeProperties(properties) };
    return raw.ask(Commands.sendReplyMessageV2, header, Buffer.from('the reply'));
  };

  it('pushes a reply to the client that asked, wherever it is connected, and stores it', async () => {
    await using raw = await RawCluster.open(target);
    await using requester = raw.another();
    const clientId = uniqueName('client');
    await requester.heartbeat(clientId);
    const pushed: string[] = [];
    requester.remoting.handle(Commands.pushReplyMessageToClient, ({ header, body }) => {
      const properties = decodeProperties(header.properties ?? '');
      pushed.push(header.topic, properties.get('CORRELATION_ID') ?? '', body.toString());
      expect(properties.has('PUSH_REPLY_TIME')).to.equal(true);
      return {};
    });
    expect((await replyTo(raw, clientId)).code).to.equal(0);
    expect(pushed).to.deep.equal([raw.topic, 'id', 'the reply']);
    const stored = await eventually(async () => (await raw.read())[0], { what: 'the stored reply' });
    expect(stored.text()).to.equal('the reply');
  });

  it('says when there is no such client', async () => {
    await using raw = await RawCluster.open(target);
    const nobody = uniqueName('nobody');
    const missing = await replyTo(raw, nobody);
    expect([missing.code, missing.remark]).to.deep.equal([
      1,
      `push reply message fail, channel of <${nobody}> not found.`,
    ]);
    expect((await replyTo(raw, undefined)).code).to.equal(1);
  });
});
