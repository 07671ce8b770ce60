import { expect } from 'chai';
import { it } from 'mocha';

import { Commands } from '../../../protocol/commands/index.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { describeEverywhere } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { RawCluster, remarkOf } from './raw-cluster.ts';

await describeEverywhere('Delay', (target) => {
  const arrival = async (raw: RawCluster): Promise<ReceivedMessage> =>
    eventually(async () => (await raw.read())[0], { what: 'the message', within: 15_000 });

  it('shows a message after the time of its level, once', async () => {
    await using raw = await RawCluster.open(target);
    const began = performance.now();
    await raw.send('later', { DELAY: '1' });
    expect(await raw.read()).to.deep.equal([]);
    const message = await arrival(raw);
    expect(message.text()).to.equal('later');
    expect(performance.now() - began).to.be.above(900);
    expect(message.properties.get('REAL_TOPIC')).to.equal(raw.topic);
    expect(message.properties.get('DELAY')).to.equal('1');
  });

  it('shows a message at its time, and at once when that is over, as 5', async () => {
    await using raw = await RawCluster.open(target);
    const past = await raw.send('past', { TIMER_DELIVER_MS: String(Date.now() - 5_000), UNIQ_KEY: 'U0' });
    expect(past.extFields?.['recallHandle']).to.equal(undefined);
    expect((await arrival(raw)).text()).to.equal('past');
    const sent = await raw.send('timed', { TIMER_DELAY_SEC: '1', UNIQ_KEY: 'U1' });
    expect(typeof sent.extFields?.['recallHandle']).to.equal(raw.isFive ? 'string' : 'undefined');
    const both = await eventually(
      async () => {
        const messages = await raw.read();
        return messages.length === 2 ? messages : undefined;
      },
      { what: 'both messages', within: 15_000 },
    );
    expect(both.map((message) => message.text())).to.deep.equal(['past', 'timed']);
    expect(both[1]?.properties.has('TIMER_OUT_MS')).to.equal(raw.isFive);
  });

  it('refuses a time more than three days ahead, as 5', async () => {
    await using raw = await RawCluster.open(target);
    const answer = await raw.send('far', { TIMER_DELIVER_MS: String(Date.now() + 4 * 86_400_000) });
    expect([answer.code, remarkOf(answer).slice(0, 21)]).to.deep.equal(
      raw.isFive ? [13, 'timer message illegal'] : [0, ''],
    );
  });

  it('takes a timed message back, as 5 where that is switched on', async () => {
    await using raw = await RawCluster.open(target);
    await raw.ask(Commands.updateBrokerConfig, {}, 'recallMessageEnable=true\n');
    const recall = async (recallHandle: string, topic = raw.topic): Promise<[number, string | undefined]> => {
      const answer = await raw.ask(Commands.recallMessage, { topic, recallHandle }, undefined);
      return [answer.code, answer.extFields?.['msgId']];
    };
    if (!raw.isFive) {
      expect((await recall('any'))[0]).to.equal(3);
      return;
    }
    const sent = await raw.send('gone', { TIMER_DELIVER_MS: String(Date.now() + 2_000), UNIQ_KEY: 'U1' });
    await raw.send('kept', { TIMER_DELIVER_MS: String(Date.now() + 2_500), UNIQ_KEY: 'U2' });
    const handle = sent.extFields?.['recallHandle'] ?? '';
    expect((await recall('garbage'))[0]).to.equal(604);
    expect((await recall(handle, 'SELF_TEST_TOPIC'))[0]).to.be.oneOf([17, 604]);
    expect(await recall(handle)).to.deep.equal([0, 'U1']);
    expect((await arrival(raw)).text()).to.equal('kept');
    expect(await raw.read()).to.have.lengthOf(1);
  });
});
