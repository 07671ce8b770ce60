import { expect } from 'chai';
import { describe, it } from 'mocha';

import { VirtualGroup } from '../support/virtual-group.ts';

const topic = 'FilteredByUser';
const isEven = ({ text }: { text: string }): boolean => Number(text) % 2 === 0;

describe('Option filterMessage', () => {
  it('passes messages over that count as consumed, and keeps those it throws at', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const member = await group.join(topic, {
      filterMessage: (message) => {
        if (message.text() === '3') throw new Error('Cannot say');
        return isEven({ text: message.text() });
      },
    });
    await group.send(topic, 6);
    await group.until(() => member.messages.length === 4);
    expect(member.messages.map((message) => message.text())).to.deep.equal(['0', '2', '3', '4']);
    await group.until(() => group.cluster.group('Group').offsets(topic)[0] === 6);
    const warning = member.warnings.find(({ kind }) => kind === 'filterMessageFailed');
    expect(warning?.message).to.include('Cannot say');
  });

  it('acknowledges what it passes over of popped messages', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const member = await group.join(topic, {
      messageRequestMode: 'pop',
      popInvisibleTime: 5_000,
      filterMessage: (message) => isEven({ text: message.text() }),
    });
    await group.send(topic, 6);
    await group.until(() => member.messages.length === 3);
    await group.clock.advance(30_000);
    expect(member.messages.map((message) => message.text()).sort()).to.deep.equal(['0', '2', '4']);
    expect(member.consumer.popQueues().reduce((sum, { held, rest }) => sum + held + rest, 0)).to.equal(0);
  });

  it('serves lite pull consumers too', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const consumer = group.lite({ filterMessage: (message) => isEven({ text: message.text() }) });
    consumer.subscribe(topic);
    await group.run(consumer.start());
    await group.send(topic, 6);
    const texts: string[] = [];
    for (let polls = 0; polls < 5 && texts.length < 3; polls++)
      texts.push(...(await group.run(consumer.poll())).map((message) => message.text()));
    expect(texts).to.deep.equal(['0', '2', '4']);
  });
});
