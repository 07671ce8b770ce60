import { expect } from 'chai';
import { it } from 'mocha';

import { newMessageFrom } from '../../../protocol/message/new-message-from.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { Clients } from '../../support/clients.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';

await describeEverywhere('Dead letters', (target) => {
  it('are consumed with the topic and the id they were sent with, and sent once more', async () => {
    const cluster = await target.cluster();
    await using clients = new Clients(cluster.nameServers);
    const topic = uniqueName('Letters');
    const consumerGroup = uniqueName('LettersGroup');
    await cluster.createTopic(topic, { queues: 1 });
    const seen: ReceivedMessage[] = [];
    const eachMessage = (message: ReceivedMessage): 'deadLetter' | undefined => {
      seen.push(message);
      return message.text() === 'broken' ? 'deadLetter' : undefined;
    };
    await clients.consumer(topic, { filter: 'Orders', eachMessage }, { consumerGroup }).start();
    const producer = await clients.producer();
    const properties = { colour: 'blue' };
    const order = { topic, body: 'broken', tags: 'Orders', keys: ['k1', 'k2'], flag: 7, properties };
    const { messageId } = await producer.send(order);

    const letters: ReceivedMessage[] = [];
    const undertaker = clients.consumer(`%DLQ%${consumerGroup}`, {
      eachMessage: async (letter) => {
        letters.push(letter);
        await producer.send({ ...newMessageFrom(letter), body: 'mended' });
      },
    });
    await undertaker.start();
    await eventually(() => (seen.length === 2 ? true : undefined), {
      what: 'the mended order',
      within: 60_000,
      otherwise: () => `${seen.length} orders, ${letters.length} letters`,
    });
    const [letter] = letters;
    expect(letter).to.include({ messageId, originTopic: topic, topic: `%DLQ%${consumerGroup}` });
    expect(letter?.originMessageId).to.equal(seen[0]?.offsetMessageId);
    const mended = seen[1];
    expect([mended?.text(), mended?.tags, mended?.keys, mended?.flag]).to.deep.equal([
      'mended',
      'Orders',
      ['k1', 'k2'],
      7,
    ]);
    expect(mended?.properties.get('colour')).to.equal('blue');
    expect(mended).to.include({ reconsumeTimes: 0, originMessageId: undefined, originTopic: topic });
    expect(mended?.messageId).to.not.equal(messageId);
  });

  it('count the tries of a message that came by the fallback of send-back too', async () => {
    const cluster = await target.cluster();
    await using clients = new Clients(cluster.nameServers);
    const topic = uniqueName('Fallback');
    const consumerGroup = uniqueName('FallbackGroup');
    await cluster.createTopic(topic, { queues: 1 });
    const tries: number[] = [];
    const ids = new Set<string>();
    const eachMessage = (message: ReceivedMessage): { delayLevel: number } => {
      tries.push(message.reconsumeTimes);
      ids.add(message.messageId);
      // A place where nothing is makes the broker refuse, and a copy is sent to the retry topic.
      Object.defineProperty(message, 'commitLogOffset', { value: Number.MAX_SAFE_INTEGER });
      return { delayLevel: 1 };
    };
    const options = { consumerGroup, maxReconsumeTimes: 2 };
    await clients.consumer(topic, { eachMessage }, options).start();
    const [sent] = await clients.send(topic, ['fails']);
    const letters: ReceivedMessage[] = [];
    const undertaker = clients.consumer(`%DLQ%${consumerGroup}`, {
      eachMessage: (letter) => void letters.push(letter),
    });
    await undertaker.start();
    await eventually(() => letters[0], {
      what: 'the dead letter',
      within: 60_000,
      otherwise: () => `tries ${tries.join(', ')}`,
    });
    // A broker of 4.9 takes a copy with as many tries as allowed for dead, one of 5 lets it be tried once more.
    expect(tries).to.deep.equal(target.label.includes('4.9') ? [0, 1] : [0, 1, 2]);
    expect([...ids, letters[0]?.messageId]).to.deep.equal([sent?.messageId, sent?.messageId]);
    expect(letters[0]?.originTopic).to.equal(topic);
  });
});
