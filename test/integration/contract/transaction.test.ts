import { expect } from 'chai';
import { it } from 'mocha';

import { Commands } from '../../../protocol/commands/index.ts';
import { parseOffsetMessageId } from '../../../protocol/message/message-id.ts';
import { SysFlag } from '../../../protocol/message/sys-flag.ts';
import type { RequestHeaderOf } from '../../../protocol/schema/command.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { type Answer, messagesOf, RawCluster } from './raw-cluster.ts';

type EndHeader = RequestHeaderOf<typeof Commands.endTransaction>;

await describeEverywhere('Transaction', (target) => {
  const prepare = async (raw: RawCluster, producerGroup: string): Promise<EndHeader> => {
    const properties = { TRAN_MSG: 'true', PGROUP: producerGroup, UNIQ_KEY: uniqueName('U') };
    const header = { producerGroup, sysFlag: SysFlag.transactionPrepared };
    const sent = await raw.send('half', properties, header);
    expect(sent.code).to.equal(0);
    const { commitLogOffset } = parseOffsetMessageId(sent.extFields?.['msgId'] ?? '');
    return {
      producerGroup,
      topic: raw.topic,
      tranStateTableOffset: Number(sent.extFields?.['queueOffset']),
      commitLogOffset,
      commitOrRollback: SysFlag.transactionCommit,
      fromTransactionCheck: false,
      msgId: properties.UNIQ_KEY,
    };
  };
  const end = async (raw: RawCluster, header: EndHeader): Promise<Answer> =>
    raw.ask(Commands.endTransaction, header, undefined);

  it('shows a prepared message when it is committed, and not before', async () => {
    await using raw = await RawCluster.open(target);
    const header = await prepare(raw, uniqueName('Producers'));
    expect(await raw.read()).to.deep.equal([]);
    expect((await end(raw, header)).code).to.equal(0);
    const message = await eventually(async () => (await raw.read())[0], { what: 'the message' });
    expect(message.text()).to.equal('half');
    expect(message.sysFlag & SysFlag.transactionRollback).to.equal(SysFlag.transactionCommit);
    expect(message.properties.get('UNIQ_KEY')).to.equal(header.msgId);
  });

  it('never shows one that is rolled back, nor ends one for a stranger', async () => {
    await using raw = await RawCluster.open(target);
    const header = await prepare(raw, uniqueName('Producers'));
    expect((await end(raw, { ...header, producerGroup: uniqueName('Stranger') })).code).to.equal(1);
    expect((await end(raw, { ...header, tranStateTableOffset: 1 << 20 })).code).to.equal(1);
    const rollback = { ...header, commitOrRollback: SysFlag.transactionRollback };
    expect((await end(raw, rollback)).code).to.equal(0);
    await raw.fill('next');
    expect((await raw.read()).map((message) => message.text())).to.deep.equal(['next']);
  });

  it('asks a producer of the group what became of it, with new offsets', async () => {
    await using raw = await RawCluster.open(target);
    const producerGroup = uniqueName('Producers');
    const body = { clientID: 'p@1', producerDataSet: [{ groupName: producerGroup }], consumerDataSet: [] };
    await raw.ask(Commands.heartBeat, {}, body);
    const prepared = await prepare(raw, producerGroup);
    const asked = new Promise<{ header: EndHeader; text: string }>((resolve) => {
      raw.remoting.handle(Commands.checkTransactionState, ({ header, command }) => {
        const [message] = messagesOf(command);
        const { tranStateTableOffset, commitLogOffset } = header;
        const end = { ...prepared, tranStateTableOffset, commitLogOffset, fromTransactionCheck: true };
        resolve({ header: end, text: `${message?.topic} ${message?.text()}` });
        return undefined;
      });
    });
    const { header, text } = await asked;
    expect(text).to.equal(`${raw.topic} half`);
    expect(header.commitLogOffset).to.be.above(prepared.commitLogOffset);
    expect((await end(raw, header)).code).to.equal(0);
    await eventually(async () => (await raw.read())[0], { what: 'the message' });
  });
});
