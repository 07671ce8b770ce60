import { expect } from 'chai';
import { describe, it } from 'mocha';

import { EmbeddedCluster } from '../../../../lib/embedded/index.ts';
import type { EmbeddedClusterOptions } from '../../../../lib/embedded/index.ts';
import {
  IllegalStateError,
  InvalidMessageError,
  InvalidOptionError,
  NameServerError,
  RequestTimeoutError,
  RouteNotFoundError,
  SendFailedError,
} from '../../../../lib/errors.ts';
import { Producer } from '../../../../lib/producer/producer.ts';
import type { ProducerOptions } from '../../../../lib/producer/producer.ts';
import { MemoryNetwork } from '../../../../lib/remoting/memory-transport.ts';
import { seededRandom } from '../../../../lib/runtime/random.ts';
import { Commands } from '../../../../protocol/commands/index.ts';
import { ResponseCode } from '../../../../protocol/codes/response-code.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

/** A cluster and a producer under one virtual clock. */
class World implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly network = new MemoryNetwork({ clock: this.clock, latency: () => 1 });
  readonly #producers: Producer[] = [];
  #cluster: EmbeddedCluster | undefined;

  static async start(options: EmbeddedClusterOptions = {}): Promise<World> {
    const world = new World();
    const { clock, network: transport } = world;
    world.#cluster = await world.run(
      EmbeddedCluster.start({
        clock,
        transport,
        random: seededRandom(1),
        topics: { T: 2 },
        brokers: 2,
        ...options,
      }),
    );
    return world;
  }

  get cluster(): EmbeddedCluster {
    if (this.#cluster === undefined) throw new Error('not started');
    return this.#cluster;
  }

  /** Waits for work, letting as much time go by as it takes. */
  async run<T>(work: Promise<T>): Promise<T> {
    const state = { settled: false };
    const done = (): void => {
      state.settled = true;
    };
    work.then(done, done);
    for (let step = 0; !state.settled && step < 20_000; step++) await this.clock.advance(1);
    return work;
  }

  /** The error that work ends with, and how long it took. */
  async fail(work: Promise<unknown>): Promise<{ error: unknown; took: number }> {
    const startedAt = this.clock.uptime();
    const error = await this.run(
      work.then(
        () => undefined,
        (reason: unknown) => reason,
      ),
    );
    return { error, took: this.clock.uptime() - startedAt };
  }

  producer(options: ProducerOptions = {}): Producer {
    const producer = new Producer({
      nameServers: this.#cluster?.nameServers ?? '10.9.9.9:9876',
      environment: { clock: this.clock, random: seededRandom(2), transport: this.network },
      producerGroup: 'G',
      ...options,
    });
    this.#producers.push(producer);
    return producer;
  }

  async started(options: ProducerOptions = {}): Promise<Producer> {
    const producer = this.producer(options);
    await this.run(producer.start());
    return producer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const producer of this.#producers) await this.run(producer.shutdown());
    if (this.#cluster !== undefined) await this.run(this.#cluster.shutdown());
    expect(this.clock.pendingTimers, 'timers left behind').to.equal(0);
  }
}

const send = Commands.sendMessageV2;

describe('Producer', () => {
  it('sends a message that arrives as it was sent', async () => {
    await using world = await World.start();
    const producer = await world.started();
    const result = await world.run(
      producer.send({
        topic: 'T',
        body: '消息',
        tags: 'TagA',
        keys: ['k1', 'k2'],
        flag: 7,
        properties: { a: 'b' },
      }),
    );
    expect(result.status).to.equal('SEND_OK');
    const [message] = world.cluster.messages('T');
    expect(message?.text()).to.equal('消息');
    expect(message).to.include({
      tags: 'TagA',
      flag: 7,
      messageId: result.messageId,
      offsetMessageId: result.offsetMessageId,
    });
    expect(message).to.include({ queueId: result.queue.queueId, queueOffset: result.queueOffset });
    expect(message?.keys).to.deep.equal(['k1', 'k2']);
    expect(message?.properties.get('a')).to.equal('b');
  });

  it('spreads messages over all queues in turn', async () => {
    await using world = await World.start();
    const producer = await world.started();
    for (let index = 0; index < 8; index++) await world.run(producer.send({ topic: 'T', body: 'x' }));
    const counts = new Map<string, number>();
    for (const { brokerName, queueId } of world.cluster.messages('T')) {
      const key = `${brokerName}-${queueId}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect([...counts.values()]).to.deep.equal([2, 2, 2, 2]);
  });

  it('sends a large body compressed', async () => {
    await using world = await World.start();
    const producer = await world.started();
    const body = 'x'.repeat(10_000);
    await world.run(producer.send({ topic: 'T', body }));
    expect(world.cluster.messages('T')[0]?.text()).to.equal(body);
    const [request] = world.cluster.requests({ command: send });
    expect(request?.bodySize).to.be.lessThan(100);
    expect(request?.ext['f']).to.equal(String(0x301));
  });

  it('fetches a route once, however many messages wait for it', async () => {
    await using world = await World.start();
    const producer = await world.started();
    const before = world.cluster.requests({ command: Commands.getRouteInfoByTopic }).length;
    await world.run(Promise.all(Array.from({ length: 50 }, () => producer.send({ topic: 'T', body: 'x' }))));
    expect(world.cluster.requests({ command: Commands.getRouteInfoByTopic })).to.have.length(before + 1);
  });

  it('keeps the order of messages that waited for the route', async () => {
    await using world = await World.start({ brokers: 1, topics: { T: 1 } });
    const producer = await world.started();
    await world.run(
      Promise.all(
        Array.from({ length: 20 }, (_, index) => producer.send({ topic: 'T', body: String(index) })),
      ),
    );
    expect(world.cluster.messages('T').map((message) => Number(message.text()))).to.deep.equal(
      Array.from({ length: 20 }, (_, index) => index),
    );
  });

  it('creates an unknown topic from the default topic', async () => {
    await using world = await World.start();
    const producer = await world.started({ defaultTopicQueueNums: 1 });
    const sent = Array.from({ length: 5 }, () => producer.send({ topic: 'Fresh', body: 'x' }));
    const results = await world.run(Promise.all(sent));
    expect(new Set(results.map(({ queue }) => queue.queueId))).to.deep.equal(new Set([0]));
    expect(world.cluster.messages('Fresh')).to.have.length(5);
  });

  it('says so when a topic does not exist and is not created', async () => {
    await using world = await World.start({ autoCreateTopics: false });
    const producer = await world.started({ createTopicKey: 'NoTemplate' });
    const { error, took } = await world.fail(producer.send({ topic: 'Missing', body: 'x' }));
    expect(error).to.be.instanceOf(RouteNotFoundError);
    expect(took).to.be.at.most(3_000);
  });

  it('binds a message to a queue, by name, by function or by sharding key', async () => {
    await using world = await World.start();
    const producer = await world.started();
    const queues = await world.run(producer.fetchQueues('T'));
    const [, second, third] = queues;
    if (second === undefined || third === undefined) throw new Error('the topic has four queues');
    const byName = await world.run(producer.send({ topic: 'T', body: 'x' }, { queue: third }));
    expect(byName.queue).to.deep.equal(third);
    const bySelection = await world.run(producer.send({ topic: 'T', body: 'x' }, { select: () => second }));
    expect(bySelection.queue).to.deep.equal(second);
    const byKey = await world.run(producer.send({ topic: 'T', body: 'x' }, { shardingKey: 'TagA' }));
    expect(byKey.queue).to.deep.equal(queues[2598919 % 4]);
    expect(world.cluster.messages('T').some(({ properties }) => properties.get('__SHARDINGKEY') === 'TagA'))
      .to.be.true;
  });

  it('does not bind a message to a queue of another topic, or to none', async () => {
    await using world = await World.start();
    const producer = await world.started();
    const queue = { topic: 'Other', brokerName: 'broker-a', queueId: 0 };
    expect((await world.fail(producer.send({ topic: 'T', body: 'x' }, { queue }))).error).to.be.instanceOf(
      InvalidMessageError,
    );
    const select = () => undefined as unknown as typeof queue;
    expect((await world.fail(producer.send({ topic: 'T', body: 'x' }, { select }))).error).to.be.instanceOf(
      InvalidMessageError,
    );
  });

  it('goes to the other broker when one refuses', async () => {
    await using world = await World.start();
    const producer = await world.started();
    world.cluster.control(send, { answer: ResponseCode.SYSTEM_BUSY, server: 'broker-a' });
    for (let index = 0; index < 4; index++) {
      const { queue } = await world.run(producer.send({ topic: 'T', body: 'x' }));
      expect(queue.brokerName).to.equal('broker-b');
    }
  });

  it('goes to the other broker when one is dead but still in the route', async () => {
    await using world = await World.start();
    const producer = await world.started();
    await world.run(world.cluster.stopBroker('broker-a', { leaveRoute: true }));
    for (let index = 0; index < 4; index++) {
      const { queue } = await world.run(producer.send({ topic: 'T', body: 'x' }));
      expect(queue.brokerName).to.equal('broker-b');
    }
  });

  it('asks for the route at once when a broker is dead, but not for every message', async () => {
    await using world = await World.start();
    const producer = await world.started();
    await world.run(producer.send({ topic: 'T', body: 'x' }));
    await world.run(world.cluster.stopBroker('broker-a', { leaveRoute: true }));
    const before = world.cluster.requests({ command: Commands.getRouteInfoByTopic }).length;
    for (let index = 0; index < 20; index++) await world.run(producer.send({ topic: 'T', body: 'x' }));
    expect(world.cluster.requests({ command: Commands.getRouteInfoByTopic })).to.have.length(before + 1);
  });

  it('tells what every attempt met when no broker takes the message', async () => {
    await using world = await World.start();
    const producer = await world.started();
    world.cluster.control(send, { answer: ResponseCode.SYSTEM_BUSY, remark: '[PCBUSY_CLEAN_QUEUE]' });
    const { error } = await world.fail(producer.send({ topic: 'T', body: 'x' }));
    if (!(error instanceof SendFailedError)) throw error;
    expect(error.attempts).to.have.length(3);
    expect(error.outcome).to.equal('notSent');
    expect(error.message).to.contain('PCBUSY_CLEAN_QUEUE');
    expect(error.attempts[0]?.address).to.equal(
      world.cluster.brokerAddress(error.attempts[0]?.queue.brokerName ?? ''),
    );
  });

  it('keeps its timeout when a broker does not answer, and calls the outcome unknown', async () => {
    await using world = await World.start();
    const producer = await world.started();
    world.cluster.control(send, { mute: true });
    const { error, took } = await world.fail(producer.send({ topic: 'T', body: 'x' }, { timeout: 500 }));
    if (!(error instanceof SendFailedError)) throw error;
    expect(error.cause).to.be.instanceOf(RequestTimeoutError);
    expect(error.outcome).to.equal('unknown');
    expect(took).to.be.within(500, 600);
  });

  it('uses what is left of the timeout when one attempt may not take it all', async () => {
    await using world = await World.start();
    const producer = await world.started({ sendMsgMaxTimeoutPerRequest: 200 });
    world.cluster.control(send, { mute: true, times: 1 });
    const { took } = await world.fail(
      producer.send({ topic: 'T', body: 'x' }).then(() => Promise.reject(new Error('sent'))),
    );
    expect(took).to.be.within(200, 300);
    expect(world.cluster.requests({ command: send })).to.have.length(2);
  });

  it('keeps its timeout when the route does not come', async () => {
    await using world = await World.start();
    const producer = await world.started();
    world.cluster.control(Commands.getRouteInfoByTopic, { mute: true });
    const { error, took } = await world.fail(producer.send({ topic: 'T', body: 'x' }, { timeout: 500 }));
    expect(error).to.be.instanceOf(RequestTimeoutError);
    expect(took).to.be.within(500, 600);
  });

  it("gives up with the signal's reason", async () => {
    await using world = await World.start();
    const producer = await world.started();
    const reason = new Error('enough');
    const { error } = await world.fail(
      producer.send({ topic: 'T', body: 'x' }, { signal: AbortSignal.abort(reason) }),
    );
    expect(error).to.equal(reason);
    expect(world.cluster.requests({ command: send })).to.be.empty;
  });

  it('refuses what no broker would take, without asking one', async () => {
    await using world = await World.start();
    const producer = await world.started();
    const before = world.cluster.requests().length;
    for (const topic of ['', 'white space', 'SCHEDULE_TOPIC_XXXX', 'x'.repeat(128)]) {
      expect((await world.fail(producer.send({ topic, body: 'x' }))).error, topic).to.be.instanceOf(
        InvalidMessageError,
      );
    }
    expect((await world.fail(producer.send({ topic: 'T', body: '' }))).error).to.be.instanceOf(
      InvalidMessageError,
    );
    expect(world.cluster.requests()).to.have.length(before);
  });

  it('sends one way, exactly once', async () => {
    await using world = await World.start();
    const producer = await world.started();
    await world.run(producer.sendOneway({ topic: 'T', body: 'x' }));
    await world.clock.advance(100);
    expect(world.cluster.messages('T')).to.have.length(1);
    await world.run(world.cluster.stopBroker('broker-a', { leaveRoute: true }));
    await world.run(world.cluster.stopBroker('broker-b', { leaveRoute: true }));
    const { error } = await world.fail(producer.sendOneway({ topic: 'T', body: 'x' }));
    if (!(error instanceof SendFailedError)) throw error;
    expect(error.attempts).to.have.length(1);
    expect(error.outcome).to.equal('notSent');
  });

  it('does not start without a name server, within its timeout, and can be started later', async () => {
    await using world = await World.start();
    await world.run(world.cluster.stopNameServer());
    const producer = world.producer();
    const { error, took } = await world.fail(producer.start({ timeout: 4_000 }));
    expect(error).to.be.instanceOf(NameServerError);
    expect(took).to.be.at.most(4_100);
    await world.run(world.cluster.startNameServer());
    await world.run(producer.start());
    expect((await world.run(producer.send({ topic: 'T', body: 'x' }))).status).to.equal('SEND_OK');
  });

  it('does not start when the name server says nothing', async () => {
    await using world = await World.start();
    world.cluster.control(Commands.getRouteInfoByTopic, { mute: true });
    const { error, took } = await world.fail(world.producer().start({ timeout: 2_000 }));
    expect(error).to.be.instanceOf(NameServerError);
    expect(took).to.be.at.most(2_100);
  });

  it('is started and shut down once, however often it is asked', async () => {
    await using world = await World.start();
    const producer = world.producer();
    await world.run(Promise.all([producer.start(), producer.start()]));
    await world.run(producer.start());
    await world.run(Promise.all([producer.shutdown(), producer.shutdown()]));
    await world.run(producer.shutdown());
    expect((await world.fail(producer.send({ topic: 'T', body: 'x' }))).error).to.be.instanceOf(
      IllegalStateError,
    );
    expect((await world.fail(producer.start())).error).to.be.instanceOf(IllegalStateError);
  });

  it('waits for the sends under way before it leaves', async () => {
    await using world = await World.start();
    const producer = await world.started();
    world.cluster.control(send, { delay: 300 });
    const sent = producer.send({ topic: 'T', body: 'x' });
    const left = producer.shutdown();
    await world.run(Promise.all([left, sent]));
    expect((await sent).status).to.equal('SEND_OK');
    expect(world.cluster.requests({ command: Commands.unregisterClient })).to.not.be.empty;
  });

  it('does not send before it is started', async () => {
    await using world = await World.start();
    const producer = world.producer();
    const { error } = await world.fail(producer.send({ topic: 'T', body: 'x' }));
    expect(error).to.be.instanceOf(IllegalStateError);
  });

  it('refuses options that make no sense', () => {
    expect(() => new Producer({ producerGroup: 'white space' })).to.throw(
      InvalidOptionError,
      /producerGroup/,
    );
    expect(() => new Producer({ compressLevel: 10 })).to.throw(InvalidOptionError, /compressLevel/);
  });
});
