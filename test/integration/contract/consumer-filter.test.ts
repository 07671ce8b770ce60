import { expect } from 'chai';
import { it } from 'mocha';

import type { ConsumerWarning } from '../../../lib/consumer/events.ts';
import { FilterError } from '../../../lib/consumer/filter/filter-error.ts';
import type { Filter } from '../../../lib/consumer/subscription.ts';
import { Clients } from '../../support/clients.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';

await describeEverywhere('Filters of a consumer', (target) => {
  /** A topic of one queue, and a consumer of it that is not started. */
  class Scene implements AsyncDisposable {
    readonly topic = uniqueName('Filtered');
    readonly got: string[] = [];
    readonly warnings: ConsumerWarning[] = [];
    readonly clients: Clients;
    readonly consumer;

    static async open(filter: Filter): Promise<Scene> {
      const cluster = await target.cluster();
      const scene = new Scene(cluster.nameServers, filter);
      await cluster.createTopic(scene.topic, { queues: 1 });
      return scene;
    }

    private constructor(nameServers: string, filter: Filter) {
      this.clients = new Clients(nameServers);
      this.consumer = this.clients.consumer(this.topic, this.listening(filter));
      this.consumer.on('warning', (warning) => this.warnings.push(warning));
    }

    listening(filter: Filter) {
      return { filter, eachMessage: (message: { text(): string }) => void this.got.push(message.text()) };
    }

    /** Sends messages whose body is their tag. */
    async tagged(...tags: string[]): Promise<void> {
      const producer = await this.clients.producer();
      for (const tag of tags) await producer.send({ topic: this.topic, body: tag, tags: tag });
    }

    /** Sends messages with a property whose value is their body. */
    async priced(...prices: string[]): Promise<void> {
      const producer = await this.clients.producer();
      for (const price of prices)
        await producer.send({ topic: this.topic, body: price, properties: { price } });
    }

    async until(...texts: string[]): Promise<void> {
      await eventually(() => (texts.every((text) => this.got.includes(text)) ? true : undefined), {
        what: `messages ${texts.join()}`,
        otherwise: () => `${this.got.join()} ${JSON.stringify(this.warnings)}`,
        within: 20_000,
      });
    }

    async [Symbol.asyncDispose](): Promise<void> {
      await this.clients[Symbol.asyncDispose]();
    }
  }

  for (const filter of ['Aa || C', { tags: ['Aa', 'C'] }])
    it(`by tags are compared again here, as brokers compare hash codes only: ${JSON.stringify(filter)}`, async () => {
      await using scene = await Scene.open(filter);
      await scene.consumer.start();
      // Aa and BB have one hash code.
      await scene.tagged('Aa', 'BB', 'B', 'C');
      await scene.until('C');
      expect(scene.got).to.deep.equal(['Aa', 'C']);
      const status = scene.consumer.queues().find(({ queue }) => queue.topic === scene.topic);
      expect(status?.consumed).to.equal(4);
    });

  it('by SQL92 are evaluated by the broker over properties', async () => {
    await using scene = await Scene.open({ sql: 'price BETWEEN 5 AND 10' });
    await scene.consumer.start();
    await scene.priced('1', '5', '11', '10');
    await scene.until('10');
    expect(scene.got).to.deep.equal(['5', '10']);
    expect(scene.warnings).to.deep.equal([]);
  });

  it('by an SQL92 that no broker can read make start fail, with the broker and what it says', async () => {
    await using scene = await Scene.open({ sql: 'price >' });
    const error: unknown = await scene.consumer.start().catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(FilterError);
    expect(error).to.include({ topic: scene.topic, expression: 'price >', problem: 'malformed' });
    expect(String(error)).to.include('refuses the filter of topic');
  });

  it('may be changed while running, from then on, without a warning', async () => {
    await using scene = await Scene.open('A');
    await scene.consumer.start();
    await scene.tagged('A', 'B');
    await scene.until('A');
    scene.consumer.subscribe(scene.topic, scene.listening('A'));
    // Twice within a millisecond: the later one counts.
    scene.consumer.subscribe(scene.topic, scene.listening('B'));
    await eventually(
      async () => {
        await scene.tagged('B');
        return scene.got.includes('B') ? true : undefined;
      },
      { what: 'B', within: 20_000 },
    );
    const before = scene.got.length;
    await scene.tagged('A', 'B');
    await eventually(() => (scene.got.length > before ? true : undefined), { what: 'another B' });
    expect(scene.got.filter((text) => text === 'A')).to.have.length(1);
    scene.consumer.subscribe(scene.topic, scene.listening({ sql: "TAGS = 'C' OR price = 7" }));
    await eventually(
      async () => {
        await scene.priced('7');
        return scene.got.includes('7') ? true : undefined;
      },
      { what: 'a message by SQL92', within: 20_000 },
    );
    expect(scene.warnings).to.deep.equal([]);
  });

  it('that a broker refuses while running are a warning, and consumption goes on when they are mended', async () => {
    await using scene = await Scene.open('*');
    await scene.consumer.start();
    await scene.tagged('A');
    await scene.until('A');
    scene.consumer.subscribe(scene.topic, scene.listening({ sql: 'price >' }));
    await eventually(() => scene.warnings.find(({ kind }) => kind === 'filterRefused'), {
      what: 'the warning',
    });
    scene.consumer.subscribe(scene.topic, scene.listening({ sql: 'price > 1' }));
    await scene.priced('1', '2');
    await scene.until('2');
    expect(scene.got).to.deep.equal(['A', '2']);
  });

  it('end with unsubscribe: nothing more of the topic is consumed, the group keeps its other topics', async () => {
    await using scene = await Scene.open('*');
    const other = uniqueName('Other');
    await (await target.cluster()).createTopic(other, { queues: 1 });
    const rest: string[] = [];
    scene.consumer.subscribe(other, { eachMessage: (message) => void rest.push(message.text()) });
    await scene.consumer.start();
    await scene.tagged('A');
    await scene.until('A');
    scene.consumer.unsubscribe(scene.topic);
    const owns = () => scene.consumer.queues().some(({ queue }) => queue.topic === scene.topic);
    await eventually(() => (owns() ? undefined : true), { what: 'the queue is given up' });
    await scene.tagged('B');
    await scene.clients.send(other, ['C']);
    await eventually(() => (rest.includes('C') ? true : undefined), { what: 'the other topic' });
    expect(scene.got).to.deep.equal(['A']);
    scene.consumer.subscribe(scene.topic, scene.listening('*'));
    await scene.until('B');
    expect(scene.got).to.deep.equal(['A', 'B']);
  });
});
