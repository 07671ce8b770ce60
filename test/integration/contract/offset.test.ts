import { expect } from 'chai';
import { it } from 'mocha';

import { Commands } from '../../../protocol/commands/index.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { RawCluster, textsOf } from './raw-cluster.ts';

const pause = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

await describeEverywhere('Offset', (target) => {
  it('gives back what was committed, also when that is lower', async () => {
    await using raw = await RawCluster.open(target);
    await raw.fill('a', 'b', 'c');
    await raw.pull();
    expect((await raw.commit(3)).code).to.equal(0);
    expect(await raw.committed()).to.equal(3);
    await raw.commit(1);
    expect(await raw.committed()).to.equal(1);
    expect(await raw.committed(uniqueName('Other'))).to.equal(0);
  });

  it('knows nothing of a new group unless the first message is still there', async () => {
    await using raw = await RawCluster.open(target);
    // 4.9 says 0 even for a queue without messages.
    expect(await raw.committed()).to.equal(raw.isFive ? 'code 22' : 0);
    await raw.fill('a');
    expect(await raw.committed()).to.equal(0);
    expect(await raw.committed(raw.group, false)).to.equal(raw.isFive ? 'code 22' : 0);
  });

  it('refuses commits for unknown groups and topics, as 5', async () => {
    await using raw = await RawCluster.open(target);
    const group = uniqueName('Never');
    expect((await raw.commit(1, group)).code).to.equal(raw.isFive ? 26 : 0);
    await raw.pull();
    expect((await raw.commit(1, raw.group, uniqueName('No'))).code).to.equal(raw.isFive ? 17 : 0);
  });

  it('tells the ends of a queue and when it begins', async () => {
    await using raw = await RawCluster.open(target, 2);
    const before = Date.now();
    await raw.fill('a', 'b');
    const of = async (queueId: number): Promise<number[]> => {
      const header = { topic: raw.topic, queueId };
      const min = await raw.invoke(Commands.getMinOffset, header, undefined);
      const max = await raw.invoke(Commands.getMaxOffset, header, undefined);
      return [min.header.offset, max.header.offset];
    };
    expect([await of(0), await of(1)]).to.deep.equal([
      [0, 2],
      [0, 0],
    ]);
    const row = Commands.getEarliestMsgStoretime;
    const { header } = await raw.invoke(row, { topic: raw.topic, queueId: 0 }, undefined);
    expect(header.timestamp).to.be.within(before - 1_000, Date.now() + 1_000);
    const empty = await raw.invoke(row, { topic: raw.topic, queueId: 1 }, undefined);
    expect(empty.header.timestamp).to.equal(-1);
  });

  it('finds offsets by time', async () => {
    await using raw = await RawCluster.open(target);
    await raw.fill('a', 'b');
    await pause(100);
    const middle = Date.now();
    await pause(100);
    await raw.fill('c');
    const search = async (timestamp: number): Promise<number> => {
      const header = { topic: raw.topic, queueId: 0, timestamp };
      return (await raw.invoke(Commands.searchOffsetByTimestamp, header, undefined)).header.offset;
    };
    expect(await search(0)).to.equal(0);
    // 4.9 answers the nearest, which may be either.
    expect(await search(middle)).to.be.oneOf(raw.isFive ? [2] : [1, 2]);
  });

  it('resets a group: at the broker and with the next pull in 5, through the members in 4.9', async () => {
    await using raw = await RawCluster.open(target);
    await raw.fill('a', 'b', 'c');
    await raw.heartbeat('c@1');
    await raw.pull({ sysFlag: 0 });
    await raw.commit(3);
    const pushed: number[] = [];
    raw.remoting.handle(Commands.resetConsumerClientOffset, ({ body }) => {
      pushed.push(...body.offsetTable.map(([, offset]) => offset));
      return undefined;
    });
    const header = { topic: raw.topic, group: raw.group, timestamp: 0, isForce: true };
    const { body } = await raw.invoke(Commands.invokeBrokerToResetOffset, header, undefined);
    expect(body.offsetTable.map(([, offset]) => offset)).to.deep.equal([0]);
    if (!raw.isFive) {
      for (let tries = 0; tries < 50 && pushed.length === 0; tries++) await pause(20);
      expect(pushed).to.deep.equal([0]);
      return;
    }
    expect(await raw.committed()).to.equal(0);
    const moved = await raw.pull({ queueOffset: 3, sysFlag: 0 });
    expect([moved.code, moved.remark, moved.extFields?.['nextBeginOffset']]).to.deep.equal([
      21,
      'OFFSET_RESET',
      '0',
    ]);
    expect(textsOf(await raw.pull({ sysFlag: 0 }))).to.deep.equal(['a', 'b', 'c']);
  });
});
