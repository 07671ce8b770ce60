import { expect } from 'chai';
import { it } from 'mocha';

import { Commands } from '../../../protocol/commands/index.ts';
import { popReceiptHandles, type ReceiptHandle, writeReceiptHandle } from '../../../protocol/message/pop.ts';
import type { RequestHeaderOf } from '../../../protocol/schema/command.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { type Answer, fieldsOf, messagesOf, RawCluster, textsOf } from './raw-cluster.ts';

type PopHeader = RequestHeaderOf<typeof Commands.popMessage>;

const pop = async (raw: RawCluster, header: Partial<PopHeader> = {}): Promise<Answer> => {
  const full = {
    consumerGroup: raw.group,
    topic: raw.topic,
    queueId: -1,
    maxMsgNums: 32,
    invisibleTime: 60_000,
    pollTime: 0,
    bornTime: Date.now(),
    initMode: 0,
    ...header,
  };
  return raw.ask(Commands.popMessage, full, undefined, 40_000);
};

const handlesOf = (raw: RawCluster, answer: Answer): readonly ReceiptHandle[] => {
  const messages = messagesOf(answer).map(({ topic, queueId, queueOffset }) => ({
    storedTopic: topic,
    queueId,
    queueOffset,
  }));
  return popReceiptHandles(Commands.popMessage.response.decode(answer.extFields), messages, raw.brokerName);
};

const handleHeader = (raw: RawCluster, handle: ReceiptHandle) => ({
  consumerGroup: raw.group,
  topic: raw.topic,
  queueId: handle.queueId,
  extraInfo: writeReceiptHandle(handle),
  offset: handle.offset,
});
const ack = async (
  raw: RawCluster,
  handle: ReceiptHandle | undefined,
  change: object = {},
): Promise<number> => {
  if (handle === undefined) throw new Error('There is no handle');
  return (await raw.ask(Commands.ackMessage, { ...handleHeader(raw, handle), ...change }, undefined)).code;
};

await describeEverywhere('Pop', (target) => {
  it('is not there in 4.9, nor is assignment by the broker', async () => {
    await using raw = await RawCluster.open(target);
    expect((await pop(raw)).code).to.equal(raw.isFive ? 210 : 3);
    const mode = { topic: raw.topic, consumerGroup: raw.group, mode: 'POP' as const, popShareQueueNum: 0 };
    expect((await raw.ask(Commands.setMessageRequestMode, {}, mode)).code).to.equal(raw.isFive ? 0 : 3);
  });

  /** The rest is about 5 only. */
  const onFive = (title: string, run: (raw: RawCluster) => Promise<void>, queues = 1): void => {
    it(title, async function () {
      await using raw = await RawCluster.open(target, queues);
      if (!raw.isFive) this.skip();
      await run(raw);
    });
  };

  onFive('pops each message once, and tells where they are from', async (raw) => {
    await raw.fill('a', 'b', 'c');
    const first = await pop(raw, { maxMsgNums: 2 });
    expect([first.code, first.remark]).to.deep.equal([0, 'FOUND']);
    const names = ['startOffsetInfo', 'msgOffsetInfo', 'restNum', 'invisibleTime'];
    expect(fieldsOf(first, ...names)).to.deep.equal(['0 0 0', '0 0 0,1', '1', '60000']);
    expect(textsOf(first)).to.deep.equal(['a', 'b']);
    expect(textsOf(await pop(raw))).to.deep.equal(['c']);
    const nothing = await pop(raw);
    expect([nothing.code, nothing.remark]).to.deep.equal([210, 'NO_MESSAGE_IN_QUEUE']);
    // 5.5 commits what was popped some ms later.
    await eventually(async () => ((await raw.committed()) === 3 ? true : undefined), { what: 'the commit' });
  });

  onFive('brings back what is neither acknowledged nor made invisible for longer', async (raw) => {
    await raw.fill('a', 'b', 'c');
    const [a, b, c] = handlesOf(raw, await pop(raw));
    if (b === undefined || c === undefined) throw new Error('Three messages were expected');
    expect(await ack(raw, a)).to.equal(0);
    const change = async (handle: ReceiptHandle, invisibleTime: number): Promise<Answer> => {
      const header = { ...handleHeader(raw, handle), invisibleTime };
      return raw.ask(Commands.changeMessageInvisibleTime, header, undefined);
    };
    expect(fieldsOf(await change(c, 90_000), 'invisibleTime')).to.deep.equal(['90000']);
    expect(fieldsOf(await change(b, 1_000), 'invisibleTime')).to.deep.equal(['1000']);
    const again = await eventually(
      async () => {
        const answer = await pop(raw);
        return answer.code === 0 ? answer : undefined;
      },
      { what: 'the message again', within: 20_000, every: 100 },
    );
    const [message, ...others] = messagesOf(again);
    expect(others).to.deep.equal([]);
    expect(message).to.include({ topic: raw.topic, reconsumeTimes: 1 });
    expect(message?.text()).to.equal('b');
    expect(message?.properties.get('POP_CK')).to.match(/^0 \d+ 60000 \d 1 \S+ 0 0$/);
    const topic = `%RETRY%${raw.group}_${raw.topic}`;
    expect(
      await ack(raw, b, { topic, queueId: 0, offset: 0, extraInfo: message?.properties.get('POP_CK') }),
    ).to.equal(0);
  });

  onFive('waits for a message', async (raw) => {
    const waiting = pop(raw, { pollTime: 10_000 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await raw.another().fill('woken');
    expect(textsOf(await waiting)).to.deep.equal(['woken']);
    const began = performance.now();
    expect((await pop(raw, { pollTime: 300 })).code).to.equal(210);
    expect(performance.now() - began).to.be.within(200, 3_000);
  });

  onFive('filters, and passes over what does not match', async (raw) => {
    for (const tag of ['B', 'A', 'B', 'A']) await raw.send(tag, { TAGS: tag });
    const tagged = await pop(raw, { exp: 'A', expType: 'TAG' });
    expect(fieldsOf(tagged, 'startOffsetInfo', 'msgOffsetInfo')).to.deep.equal(['0 0 0', '0 0 1,3']);
    expect((await pop(raw, { exp: 'A', expType: 'TAG' })).code).to.equal(210);
    expect((await pop(raw, { exp: 'a >', expType: 'SQL92' })).code).to.equal(23);
  });

  onFive(
    'takes acknowledgements in batches',
    async (raw) => {
      for (const queueId of [0, 1]) await raw.send(String(queueId), {}, { queueId });
      const popped = await pop(raw, { invisibleTime: 2_000 });
      const handles = handlesOf(raw, popped);
      expect(handles.map(({ queueId }) => queueId).sort((a, b) => a - b)).to.deep.equal([0, 1]);
      const acks = handles.map((handle) => ({
        consumerGroup: raw.group,
        topic: raw.topic,
        retry: handle.mark,
        startOffset: handle.startOffset,
        queueId: handle.queueId,
        reviveQueueId: handle.reviveQueueId,
        popTime: handle.popTime,
        invisibleTime: handle.invisibleTime,
        bitSet: [handle.offset - handle.startOffset],
      }));
      const row = Commands.batchAckMessage;
      const { brokerName } = raw;
      expect((await raw.ask(row, {}, { brokerName, acks: [] })).code).to.equal(208);
      expect((await raw.ask(row, {}, { brokerName, acks })).code).to.equal(0);
      expect((await pop(raw, { pollTime: 4_500 })).code).to.equal(210);
    },
    2,
  );

  onFive('blocks a queue while an orderly pop is under way', async (raw) => {
    await raw.fill('a', 'b');
    const order = { order: true, queueId: 0, maxMsgNums: 1, invisibleTime: 30_000 };
    const first = await pop(raw, { ...order, attemptId: 'one' });
    expect(fieldsOf(first, 'reviveQid', 'orderCountInfo')).to.deep.equal(['999', '0 0 0']);
    expect((await pop(raw, { ...order, attemptId: 'two' })).code).to.equal(210);
    const repeated = await pop(raw, { ...order, attemptId: 'one' });
    expect(textsOf(repeated)).to.deep.equal(['a']);
    const [handle] = handlesOf(raw, repeated);
    expect(await ack(raw, handle)).to.equal(0);
    expect(await raw.committed()).to.equal(1);
    expect(textsOf(await pop(raw, { ...order, attemptId: 'two' }))).to.deep.equal(['b']);
  });

  onFive('notifies of messages without taking them', async (raw) => {
    const notify = async (pollTime: number): Promise<(string | undefined)[]> => {
      const header = {
        consumerGroup: raw.group,
        topic: raw.topic,
        queueId: -1,
        pollTime,
        bornTime: Date.now(),
      };
      // 5.5 knows an expression, and needs none.
      return fieldsOf(await raw.ask(Commands.notification, header, undefined), 'hasMsg', 'pollingFull');
    };
    expect(await notify(0)).to.deep.equal(['false', 'false']);
    const waiting = notify(8_000);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await raw.another().fill('a');
    expect(await waiting).to.deep.equal(['true', 'false']);
    expect(textsOf(await pop(raw))).to.deep.equal(['a']);
  });

  onFive('refuses what it must', async (raw) => {
    const codes = async (...headers: Partial<PopHeader>[]): Promise<number[]> => {
      const answers: number[] = [];
      for (const header of headers) answers.push((await pop(raw, header)).code);
      return answers;
    };
    const late = { bornTime: Date.now() - 10_000 };
    expect(await codes({ topic: uniqueName('No') }, { queueId: 1 }, { maxMsgNums: 33 }, late)).to.deep.equal([
      17, 29, 29, 210,
    ]);
    await raw.fill('a');
    const [handle] = handlesOf(raw, await pop(raw));
    expect(await ack(raw, handle, { offset: 9 })).to.equal(208);
    expect(await ack(raw, handle, { queueId: 5 })).to.equal(13);
    expect(await ack(raw, handle, { topic: uniqueName('No') })).to.equal(17);
  });

  onFive(
    'assigns queues to members, by pull or by pop',
    async (raw) => {
      await raw.heartbeat('c@1');
      await using other = raw.another();
      await other.heartbeat('c@2', { groupName: raw.group });
      const assigned = async (clientId: string, strategyName = 'AVG') => {
        const body = {
          clientId,
          consumerGroup: raw.group,
          messageModel: 'CLUSTERING' as const,
          strategyName,
          topic: raw.topic,
        };
        const answer = await raw.invoke(Commands.queryAssignment, {}, body);
        return answer.body.messageQueueAssignments?.map(({ mode, messageQueue }) => [
          mode,
          messageQueue.queueId,
        ]);
      };
      const setMode = async (mode: 'POP' | 'PULL', topic = raw.topic): Promise<number> => {
        const body = { topic, consumerGroup: raw.group, mode, popShareQueueNum: 0 };
        return (await raw.ask(Commands.setMessageRequestMode, {}, body)).code;
      };
      // The broker asks the name server for queues it has not heard of; that may take a moment.
      await eventually(async () => assigned('c@1'), { what: 'an assignment' });
      expect([await assigned('c@1'), await assigned('c@2')]).to.deep.equal([[['PULL', 0]], [['PULL', 1]]]);
      expect([await assigned('c@9'), await assigned('c@1', 'NONE')]).to.deep.equal([[], undefined]);
      expect(await setMode('POP')).to.equal(0);
      expect(await assigned('c@1')).to.deep.equal([['POP', -1]]);
      expect(await setMode('POP', `%RETRY%${raw.group}`)).to.equal(16);
      expect(await setMode('POP', uniqueName('No'))).to.equal(17);
    },
    2,
  );
});
