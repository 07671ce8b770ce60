import { expect } from 'chai';
import { it } from 'mocha';

import { Commands } from '../../../protocol/commands/index.ts';
import { tagSubscription } from '../../../protocol/model/subscription-data.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { fieldsOf, RawCluster, remarkOf, textsOf } from './raw-cluster.ts';

const held = { sysFlag: 6, suspendTimeoutMillis: 15_000 };
const positions = ['nextBeginOffset', 'minOffset', 'maxOffset', 'suggestWhichBrokerId'];

await describeEverywhere('Pull', (target) => {
  it('answers messages with the next position', async () => {
    await using raw = await RawCluster.open(target);
    await raw.fill('a', 'b', 'c');
    const answer = await raw.pull({ queueOffset: 1 });
    expect([answer.code, answer.remark]).to.deep.equal([0, 'FOUND']);
    expect(fieldsOf(answer, ...positions)).to.deep.equal(['3', '0', '3', '0']);
    expect(textsOf(answer)).to.deep.equal(['b', 'c']);
    expect(textsOf(await raw.pull({ maxMsgNums: 2 }))).to.deep.equal(['a', 'b']);
  });

  it('answers at most 32 messages', async () => {
    await using raw = await RawCluster.open(target);
    for (let count = 0; count < 40; count++) await raw.send(`${count}`);
    expect(textsOf(await raw.pull({ maxMsgNums: 100 }))).to.have.lengthOf(32);
  });

  it('puts wrong offsets right', async () => {
    await using raw = await RawCluster.open(target, 2);
    await raw.fill('a', 'b', 'c');
    const at = async (queueOffset: number, queueId = 0): Promise<unknown[]> => {
      const { code, remark, extFields } = await raw.pull({ queueOffset, queueId });
      return [code, remark, extFields?.['nextBeginOffset']];
    };
    expect(await at(3)).to.deep.equal([19, 'OFFSET_OVERFLOW_ONE', '3']);
    expect(await at(1000)).to.deep.equal([21, 'OFFSET_OVERFLOW_BADLY', '3']);
    expect(await at(-1)).to.deep.equal([21, 'OFFSET_TOO_SMALL', '0']);
    expect(await at(0, 1)).to.deep.equal([19, 'NO_MESSAGE_IN_QUEUE', '0']);
  });

  it('holds a pull at the end until a message comes, which it answers soon', async () => {
    await using raw = await RawCluster.open(target);
    const began = performance.now();
    const pull = raw.pull(held);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await raw.another().fill('woken');
    expect(textsOf(await pull)).to.deep.equal(['woken']);
    expect(performance.now() - began).to.be.within(290, 5_000);
  });

  it('lets go of a held pull after its time', async () => {
    await using raw = await RawCluster.open(target);
    const began = performance.now();
    const answer = await raw.pull({ ...held, suspendTimeoutMillis: 500 });
    expect([answer.code, answer.remark]).to.deep.equal([19, 'NO_MESSAGE_IN_QUEUE']);
    // Held pulls are looked at every 5 s.
    expect(performance.now() - began).to.be.within(490, 7_000);
  });

  it('commits the offset that it brings', async () => {
    await using raw = await RawCluster.open(target);
    await raw.fill('a', 'b', 'c');
    await raw.pull({ sysFlag: 5, commitOffset: 2 });
    expect(await raw.committed()).to.equal(2);
  });

  it('serves the lite form of a pull alike, from 5.0 on', async () => {
    await using raw = await RawCluster.open(target);
    await raw.fill('a', 'b', 'c');
    const lite = async (sysFlag: number, queueOffset: number) =>
      raw.ask(
        Commands.litePullMessage,
        raw.pullHeader({ sysFlag, queueOffset, suspendTimeoutMillis: 15_000 }),
        undefined,
      );
    const answer = await lite(4 | 16, 1);
    if (!raw.isFive) {
      expect([answer.code, answer.remark?.trim()]).to.deep.equal([3, 'request type 361 not supported']);
      return;
    }
    expect([answer.code, answer.remark]).to.deep.equal([0, 'FOUND']);
    expect(fieldsOf(answer, ...positions)).to.deep.equal(['3', '0', '3', '0']);
    expect(textsOf(answer)).to.deep.equal(['b', 'c']);
    const pull = lite(2 | 4 | 16, 3);
    await raw.another().fill('woken');
    expect(textsOf(await pull)).to.deep.equal(['woken']);
  });

  it('needs a topic, a queue, and a subscription that is its own or of a heartbeat', async () => {
    await using raw = await RawCluster.open(target);
    const codes = async (...headers: Parameters<typeof raw.pull>[0][]): Promise<number[]> => {
      const answers: number[] = [];
      for (const header of headers) answers.push((await raw.pull(header)).code);
      return answers;
    };
    const invalid = raw.isFive ? 29 : 1;
    expect(await codes({ topic: uniqueName('No') }, { queueId: 1 })).to.deep.equal([17, invalid]);
    const unknown = await raw.pull({ sysFlag: 0 });
    expect([unknown.code, remarkOf(unknown)]).to.deep.equal([24, "the consumer's group info not exist"]);
    await raw.heartbeat('c@1', { subscriptionDataSet: [tagSubscription('Other', '*', 5)] });
    const missing = await raw.pull({ sysFlag: 0 });
    expect([missing.code, remarkOf(missing)]).to.deep.equal([24, "the consumer's subscription not exist"]);
    await raw.heartbeat('c@1', { subscriptionDataSet: [tagSubscription(raw.topic, '*', 5)] });
    expect(await codes({ sysFlag: 0, subVersion: 5 }, { sysFlag: 0, subVersion: 6 })).to.deep.equal([19, 25]);
  });
});
