import { expect } from 'chai';
import { describe, it } from 'mocha';

import { SendFailedError, ConnectError, ResponseError } from '../../../../lib/errors.ts';
import { silentLogger } from '../../../../lib/logger.ts';
import { resolveProducerOptions } from '../../../../lib/options/producer.ts';
import type { ProducerOptions } from '../../../../lib/options/producer.ts';
import { outgoingMessage } from '../../../../lib/producer/outgoing-message.ts';
import { PublishTopic } from '../../../../lib/producer/publish-topics.ts';
import { PendingSends } from '../../../../lib/producer/send-context.ts';
import type { SendContext } from '../../../../lib/producer/send-context.ts';
import type { SendHeader } from '../../../../lib/producer/send-header.ts';
import type { SendResult } from '../../../../lib/producer/send-result.ts';
import { Sending } from '../../../../lib/producer/sending.ts';
import { FaultTolerance } from '../../../../lib/routing/fault-tolerance.ts';
import { TopicRoute } from '../../../../lib/routing/topic-route.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

type Reply = Error | { readonly code: number; readonly ext?: Record<string, string> };
type Done = (error: Error | undefined, answer: object | undefined) => void;

interface Call {
  readonly address: string;
  readonly header: SendHeader;
  readonly timeout: number;
  readonly done: Done;
}

const stored = { code: 0, ext: { msgId: '0A', queueId: '0', queueOffset: '7' } };
const busy = { code: 2 };

/** A route over brokers a, b … with two queues each, at 10.0.0.1, 10.0.0.2 … */
function routeOf(...names: string[]): TopicRoute {
  return new TopicRoute(
    'T',
    {
      brokerDatas: names.map((brokerName, index) => ({
        cluster: 'c',
        brokerName,
        brokerAddrs: new Map([[0, `10.0.0.${index + 1}:10911`]]),
        enableActingMaster: false,
      })),
      queueDatas: names.map((brokerName) => ({
        brokerName,
        readQueueNums: 2,
        writeQueueNums: 2,
        perm: 6,
        topicSysFlag: 0,
      })),
    },
    'name-server',
  );
}

class Bench {
  readonly clock = new FakeClock();
  readonly calls: Call[] = [];
  readonly refreshed: string[] = [];
  readonly context: SendContext;
  readonly topic: PublishTopic;
  /** Answers to come, in turn; without one a call stays open. */
  replies: Reply[] = [];

  constructor(options: ProducerOptions = {}, brokers = ['a', 'b']) {
    const random = { next: () => 0 };
    const remoting = {
      call: (
        address: string,
        _row: object,
        header: SendHeader,
        _body: Buffer,
        timeout: number,
        done: Done,
      ) => {
        this.calls.push({ address, header, timeout, done });
        const reply = this.replies.shift();
        if (reply !== undefined) queueMicrotask(() => this.reply(reply, done));
      },
    };
    this.topic = new PublishTopic(routeOf(...brokers), random);
    this.context = {
      producerGroup: 'G',
      options: resolveProducerOptions(options),
      remoting,
      topics: { refresh: (topic: string) => this.refreshed.push(topic) },
      routes: { originOf: () => undefined, brokerAddress: () => undefined },
      clock: this.clock,
      logger: silentLogger,
      health: options.sendLatencyFaultEnable === true ? new FaultTolerance({ clock: this.clock }) : undefined,
      pending: new PendingSends(),
    } as unknown as SendContext;
  }

  reply(reply: Reply, done: Done | undefined = this.calls.at(-1)?.done): void {
    if (reply instanceof Error) done?.(reply, undefined);
    else done?.(undefined, { code: reply.code, remark: 'r', extFields: reply.ext });
  }

  send({
    timeout = 3_000,
    signal,
    queueId,
  }: { timeout?: number; signal?: AbortSignal; queueId?: number } = {}): Promise<SendResult> {
    const message = outgoingMessage({ topic: 'T', body: 'hello' }, 'ID', this.context.options);
    const queue = queueId === undefined ? undefined : { topic: 'T', brokerName: 'a', queueId };
    return new Promise((resolve, reject) => {
      new Sending(this.context, {
        message,
        topic: this.topic,
        queue,
        timeout,
        signal,
        resolve,
        reject,
      }).start();
    });
  }

  get brokers(): string[] {
    return this.calls.map(({ header }) => header.brokerName ?? '');
  }
}

async function failure(work: Promise<unknown>): Promise<SendFailedError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(SendFailedError);
  return error as SendFailedError;
}

describe('sending', () => {
  it("sends Java's header and gives the broker's answer", async () => {
    const bench = new Bench();
    bench.replies = [stored];
    const result = await bench.send();
    expect(result).to.include({ status: 'SEND_OK', messageId: 'ID', offsetMessageId: '0A', queueOffset: 7 });
    expect(bench.calls[0]).to.deep.include({ address: '10.0.0.1:10911', timeout: 3_000 });
    expect(bench.calls[0]?.header).to.deep.equal({
      producerGroup: 'G',
      topic: 'T',
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 4,
      queueId: 1,
      sysFlag: 0,
      bornTimestamp: bench.clock.now(),
      flag: 0,
      properties: 'UNIQ_KEY\u0001ID\u0002WAIT\u0001true\u0002',
      reconsumeTimes: 0,
      unitMode: false,
      batch: false,
      brokerName: 'a',
    });
    expect(bench.context.pending.count).to.equal(0);
  });

  it('goes to another broker after a retryable answer', async () => {
    const bench = new Bench();
    bench.replies = [busy, stored];
    const result = await bench.send();
    expect(bench.brokers).to.deep.equal(['a', 'b']);
    expect(result.queue.brokerName).to.equal('b');
    expect(bench.calls[1]?.header.properties).to.equal(bench.calls[0]?.header.properties);
  });

  it('gives up after three attempts and tells of each', async () => {
    const bench = new Bench();
    bench.replies = [busy, new ConnectError('10.0.0.2:10911'), busy];
    const error = await failure(bench.send());
    expect(bench.brokers).to.deep.equal(['a', 'b', 'a']);
    expect(error.attempts.map(({ address }) => address)).to.deep.equal([
      '10.0.0.1:10911',
      '10.0.0.2:10911',
      '10.0.0.1:10911',
    ]);
    expect(error.attempts[0]?.error).to.be.instanceOf(ResponseError);
    expect(error.cause).to.equal(error.attempts[2]?.error);
    expect(error.outcome).to.equal('notSent');
    expect(bench.context.pending.count).to.equal(0);
  });

  it('has the route looked at again when a broker cannot be reached, and not when it refuses', async () => {
    const bench = new Bench();
    bench.replies = [busy, new ConnectError('10.0.0.2:10911'), stored];
    await bench.send();
    expect(bench.refreshed).to.deep.equal(['T']);
  });

  it('does not try again what no broker would take', async () => {
    const bench = new Bench();
    bench.replies = [{ code: 13 }];
    const error = await failure(bench.send());
    expect(error.attempts).to.have.length(1);
    expect(error.cause).to.include({ responseName: 'MESSAGE_ILLEGAL', remark: 'r' });
  });

  it('does not try again when it is bound to a queue', async () => {
    const bench = new Bench();
    bench.replies = [busy];
    const error = await failure(bench.send({ queueId: 1 }));
    expect(error.attempts.map(({ queue }) => queue.queueId)).to.deep.equal([1]);
  });

  it('keeps all attempts within its timeout', async () => {
    const bench = new Bench();
    const sent = bench.send({ timeout: 1_000 });
    await bench.clock.advance(400);
    bench.reply(busy);
    expect(bench.calls[1]?.timeout).to.equal(600);
    await bench.clock.advance(700);
    bench.reply(new ConnectError('10.0.0.2:10911'));
    const error = await failure(sent);
    expect(error.attempts.map(({ took }) => took)).to.deep.equal([400, 700]);
  });

  it('counts a broker without an address as an attempt', async () => {
    const bench = new Bench({}, ['a']);
    bench.topic.route = new TopicRoute(
      'T',
      { orderTopicConf: 'gone:1', brokerDatas: [], queueDatas: [] },
      'name-server',
    );
    const error = await failure(bench.send());
    expect(error.attempts.map(({ error: { name } }) => name)).to.deep.equal(
      Array.from({ length: 3 }, () => 'BrokerNotFoundError'),
    );
    expect(bench.calls).to.be.empty;
  });

  it('takes a message that was stored badly for sent', async () => {
    const bench = new Bench();
    bench.replies = [{ code: 12, ext: stored.ext }];
    expect((await bench.send()).status).to.equal('FLUSH_SLAVE_TIMEOUT');
  });

  it('sends it to another broker when it is asked to', async () => {
    const bench = new Bench({ retryAnotherBrokerWhenNotStoreOk: true });
    bench.replies = [{ code: 12, ext: stored.ext }, stored];
    expect((await bench.send()).status).to.equal('SEND_OK');
    expect(bench.brokers).to.deep.equal(['a', 'b']);
  });

  it('and still gives the first result when the others fail', async () => {
    const bench = new Bench({ retryAnotherBrokerWhenNotStoreOk: true });
    bench.replies = [{ code: 10, ext: stored.ext }, busy, busy];
    expect((await bench.send()).status).to.equal('FLUSH_DISK_TIMEOUT');
  });

  it("rejects with the signal's reason, whatever is answered later", async () => {
    const bench = new Bench();
    const controller = new AbortController();
    const sent = bench.send({ signal: controller.signal });
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await sent.catch((error: unknown) => error)).to.equal(reason);
    bench.reply(busy);
    expect(bench.calls).to.have.length(1);
    expect(bench.context.pending.count).to.equal(0);
  });

  it('avoids a slow broker when fault tolerance is on', async () => {
    const bench = new Bench({ sendLatencyFaultEnable: true });
    const slow = bench.send();
    await bench.clock.advance(600);
    bench.reply(stored);
    await slow;
    bench.replies = [stored, stored, stored];
    for (let sends = 0; sends < 3; sends++) await bench.send();
    expect(bench.brokers).to.deep.equal(['a', 'b', 'b', 'b']);
    await bench.clock.advance(2_000);
    bench.replies = [stored, stored];
    await bench.send();
    await bench.send();
    expect(bench.brokers.slice(4)).to.include('a');
  });

  it('uses the port of the VIP channel when told to', async () => {
    const bench = new Bench({ vipChannel: true });
    bench.replies = [stored];
    await bench.send();
    expect(bench.calls[0]?.address).to.equal('10.0.0.1:10909');
  });
});
