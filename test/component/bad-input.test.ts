import { readFile } from 'node:fs/promises';

import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';

import type { ConsumerWarning } from '../../lib/consumer/events.ts';
import { PushConsumer, type PushConsumerOptions } from '../../lib/consumer/push-consumer.ts';
import { EmbeddedCluster, type EmbeddedClusterOptions } from '../../lib/embedded/index.ts';
import {
  ConnectError,
  ConnectionClosedError,
  InvalidOptionError,
  NameServerError,
  ProtocolError,
  RequestTimeoutError,
  ResponseError,
  RocketMQError,
  RouteNotFoundError,
  SendFailedError,
} from '../../lib/errors.ts';
import { Producer, type ProducerOptions } from '../../lib/producer/producer.ts';
import { TcpTransport } from '../../lib/remoting/tcp-transport.ts';
import { UnreachableBrokerError } from '../../lib/routing/unreachable.ts';
import { Commands } from '../../protocol/commands/index.ts';
import { BadServer, closedAddress, manners } from '../support/bad-server.ts';
import { eventually } from '../support/group/eventually.ts';

const topic = 'Topic';
const message = { topic, body: 'text' };

/** Milliseconds that a busy machine may take on top of a timeout. */
const SLACK = 800;

/** What a promise is rejected with; it must come within `timeout` ms, and be an error of ours. */
async function failure(timeout: number, work: Promise<unknown>): Promise<RocketMQError> {
  const began = performance.now();
  const error = await work.then(
    () => new Error('It did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(RocketMQError);
  expect(performance.now() - began).to.be.below(timeout + SLACK);
  return error as RocketMQError;
}

type ErrorClass<E> = new (...args: never[]) => E;

function as<E>(error: unknown, kind: ErrorClass<E>): E {
  expect(error).to.be.instanceOf(kind);
  return error as E;
}

/** What each name server did. */
const attemptsOf = (error: unknown): readonly Error[] =>
  as(error, NameServerError).attempts.map((attempt) => attempt.error);

/** What became of each attempt to send. */
const sendAttemptsOf = (error: unknown): readonly Error[] =>
  as(error, SendFailedError).attempts.map((attempt) => attempt.error);

/** What keeps the process alive. */
const handles = (): string[] =>
  process
    .getActiveResourcesInfo()
    .filter((name) => /^(TCP|TLS|GetAddrInfo|Timeout)/.test(name))
    .sort();

/** The test runner's own, for the time limit of the hook that looks. */
const runnersTimer = 'Timeout';

describe('Bad input', () => {
  const open: AsyncDisposable[] = [];
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  let before: string[] = [];

  beforeEach(() => {
    before = [...handles(), runnersTimer];
    unhandled.length = 0;
    process.on('unhandledRejection', onUnhandled);
  });

  /** After each test nothing may be left: no socket, no timer, no rejection that nobody heard of. */
  afterEach(async () => {
    await Promise.all(open.splice(0).map(async (each) => each[Symbol.asyncDispose]()));
    await eventually(() => (handles().length <= before.length ? true : undefined), {
      what: 'the end of all handles',
      within: 1_000,
      otherwise: () => `${handles().join()} instead of ${before.join()}`,
    });
    process.off('unhandledRejection', onUnhandled);
    expect(unhandled).to.deep.equal([]);
  });

  const kept = <T extends AsyncDisposable>(each: T): T => {
    open.push(each);
    return each;
  };
  const newProducer = (
    nameServers: string | readonly string[],
    options: Partial<ProducerOptions> = {},
  ): Producer => kept(new Producer({ nameServers, ...options }));
  const newConsumer = (
    nameServers: string | readonly string[],
    options: Partial<PushConsumerOptions> = {},
  ): PushConsumer =>
    kept(new PushConsumer({ nameServers, consumerGroup: 'Group', ...options })).subscribe(topic, {
      eachMessage: () => {},
    });
  const startCluster = async (options: EmbeddedClusterOptions = {}): Promise<EmbeddedCluster> =>
    kept(await EmbeddedCluster.start({ topics: { [topic]: 2 }, ...options }));
  const startBad = async (manner: keyof typeof manners): Promise<BadServer> =>
    kept(await BadServer.start(manners[manner]));
  const warningsOf = (consumer: PushConsumer): ConsumerWarning[] => {
    const warnings: ConsumerWarning[] = [];
    consumer.on('warning', (warning) => warnings.push(warning));
    return warnings;
  };

  /** Both kinds of client, started. */
  const starts = [
    {
      who: 'Producer',
      start: async (at: string | readonly string[], timeout: number, options = {}) =>
        newProducer(at, options).start({ timeout }),
    },
    {
      who: 'PushConsumer',
      start: async (at: string | readonly string[], timeout: number, options = {}) =>
        newConsumer(at, options).start({ timeout }),
    },
  ];

  for (const { who, start } of starts) {
    describe(`as the name server of a ${who}`, () => {
      it('names an address on which nothing listens', async () => {
        const address = await closedAddress();
        const error = await failure(1_000, start(address, 1_000));
        const [attempt, ...others] = attemptsOf(error);
        expect(others).to.deep.equal([]);
        expect(as(attempt, ConnectError)).to.include({ code: 'ERR_RMQ_CONNECT', address });
        expect(error).to.include({ code: 'ERR_RMQ_NAME_SERVER', retryable: true });
        expect(error.message).to.contain(address).and.to.contain('nothing listens there');
      });

      for (const text of [
        '127.0.0.1',
        'localhost:0',
        '127.0.0.1:70000',
        'tcp://127.0.0.1:9876',
        'a b:1',
        ';',
        '127.0.0.1:9876/path',
      ]) {
        it(`refuses the address ${JSON.stringify(text)}, naming the option`, async () => {
          // Not worth a connection: some clients refuse it when they are made, the others at the start.
          const error = await failure(500, (async () => start(text, 500))());
          expect(as(error, InvalidOptionError)).to.include({
            code: 'ERR_RMQ_INVALID_OPTION',
            option: 'nameServers',
          });
        });
      }

      it('gives up a server that takes connections and never answers, within the timeout', async () => {
        const { address } = await startBad('silent');
        const error = await failure(500, start(address, 500));
        const [attempt] = attemptsOf(error);
        expect(as(attempt, RequestTimeoutError)).to.include({ code: 'ERR_RMQ_TIMEOUT', address });
      });

      it('lists every one of several dead servers, within the timeout', async () => {
        const addresses = [
          (await startBad('silent')).address,
          await closedAddress(),
          (await startBad('silent')).address,
        ];
        const error = as(await failure(600, start(addresses, 600)), NameServerError);
        expect(error.attempts.map(({ address }) => address)).to.have.members(addresses);
        for (const address of addresses) expect(error.message).to.contain(address);
      });

      it('finds the one of several that lives', async () => {
        const { nameServers } = await startCluster();
        await start([await closedAddress(), nameServers, (await startBad('http')).address], 2_000);
      });

      for (const [manner, what] of [
        ['garbage', 'frame'],
        ['http', 'speaks HTTP'],
        ['overLong', '2147483651 bytes'],
      ] as const) {
        it(`says what is wrong with a server that answers with ${manner}`, async () => {
          const { address } = await startBad(manner);
          const error = await failure(1_000, start(address, 1_000));
          const [attempt] = attemptsOf(error);
          expect(as(attempt, ConnectionClosedError)).to.include({
            code: 'ERR_RMQ_CONNECTION_CLOSED',
            address,
          });
          expect(as(attempt?.cause, ProtocolError).code).to.equal('ERR_RMQ_PROTOCOL');
          expect(error.message).to.contain(what);
        });
      }

      for (const manner of ['halfFrame', 'hangsUp'] as const) {
        it(`tells of a server that closes the connection: ${manner}`, async () => {
          const { address } = await startBad(manner);
          const [attempt] = attemptsOf(await failure(1_000, start(address, 1_000)));
          expect(as(attempt, ConnectionClosedError)).to.include({ address, wasSent: true });
        });
      }

      it('tells of a server that answers with an error', async () => {
        const cluster = await startCluster();
        cluster.control(Commands.getRouteInfoByTopic, { answer: 2, remark: 'too busy' });
        const [attempt] = attemptsOf(await failure(1_000, start(cluster.nameServers, 1_000)));
        expect(as(attempt, ResponseError)).to.include({
          responseCode: 2,
          responseName: 'SYSTEM_BUSY',
          remark: 'too busy',
        });
      });

      it('says that a broker is no name server', async () => {
        const cluster = await startCluster();
        const error = await failure(1_000, start(cluster.brokerAddress('broker-a'), 1_000));
        expect(as(error, ResponseError)).to.include({
          responseName: 'REQUEST_CODE_NOT_SUPPORTED',
          command: 'GET_ROUTEINFO_BY_TOPIC',
        });
      });

      it('tells a server without TLS from one that is not there, and the reverse', async () => {
        const plain = await startCluster();
        const [refused] = attemptsOf(await failure(1_500, start(plain.nameServers, 1_500, { tls: true })));
        expect(as(refused, ConnectError).address).to.equal(plain.nameServers);
        const file = async (name: string): Promise<Buffer> =>
          readFile(new URL(`../support/tls/${name}.pem`, import.meta.url));
        const serverTls = { cert: await file('cert'), key: await file('key') };
        const secret = await startCluster({ transport: new TcpTransport({ serverTls }) });
        const [closed] = attemptsOf(await failure(1_500, start(secret.nameServers, 1_500)));
        expect(closed).to.be.instanceOf(RocketMQError);
        const [untrusted] = attemptsOf(await failure(1_500, start(secret.nameServers, 1_500, { tls: true })));
        expect(as(untrusted, ConnectError).problem).to.contain('self-signed');
        await start(secret.nameServers, 3_000, { tls: { ca: serverTls.cert } });
      });
    });
  }

  describe('as a broker that a route names', () => {
    /** A producer that is started, in a cluster whose only broker is at this address. */
    const producerFor = async (advertisedAddress: string): Promise<[Producer, EmbeddedCluster]> => {
      const cluster = await startCluster({ brokers: [{ advertisedAddress }] });
      const producer = newProducer(cluster.nameServers);
      await producer.start({ timeout: 300 });
      return [producer, cluster];
    };

    it('names an advertised address that cannot be reached, where it came from, and what to do', async () => {
      const advertised = await closedAddress();
      const [producer, cluster] = await producerFor(advertised);
      const error = await failure(1_000, producer.send(message, { timeout: 1_000 }));
      const attempts = sendAttemptsOf(error);
      expect(attempts).to.have.length(3);
      for (const attempt of attempts) {
        const { origin, remedy } = as(attempt, UnreachableBrokerError);
        expect(attempt).to.include({ code: 'ERR_RMQ_CONNECT', advertised });
        expect(origin).to.deep.equal({
          topic,
          brokerName: 'broker-a',
          brokerId: 0,
          nameServer: cluster.nameServers,
        });
        expect(remedy).to.contain(`addressMap: { '${advertised}'`).and.to.contain('brokerIP1');
      }
      for (const part of [advertised, cluster.nameServers, topic, 'addressMap', 'brokerIP1'])
        expect(error.message).to.contain(part);
      expect(error).to.include({ code: 'ERR_RMQ_SEND_FAILED', outcome: 'notSent' });
    });

    it('warns a consumer of it, which starts all the same', async () => {
      const advertised = await closedAddress();
      const cluster = await startCluster({ brokers: [{ advertisedAddress: advertised }] });
      const consumer = newConsumer(cluster.nameServers);
      const warnings = warningsOf(consumer);
      await consumer.start({ timeout: 2_000 });
      const [warning] = warnings;
      expect(warning?.kind).to.equal('memberListFailed');
      for (const part of [advertised, cluster.nameServers, 'addressMap', 'brokerIP1'])
        expect(warning?.message).to.contain(part);
    });

    it('gives up one that takes connections and never answers, within the timeout', async () => {
      const { address } = await startBad('silent');
      const [producer, cluster] = await producerFor(address);
      const error = await failure(300, producer.send(message, { timeout: 300 }));
      expect(sendAttemptsOf(error).map(({ constructor }) => constructor)).to.deep.equal([
        RequestTimeoutError,
      ]);
      expect(error).to.have.property('outcome', 'unknown');
      const late = await failure(500, newConsumer(cluster.nameServers).start({ timeout: 500 }));
      expect(as(late, RequestTimeoutError)).to.include({ code: 'ERR_RMQ_TIMEOUT', command: 'HEART_BEAT' });
    });

    for (const [manner, what] of [
      ['garbage', 'frame'],
      ['http', 'speaks HTTP'],
      ['overLong', '2147483651 bytes'],
      ['halfFrame', 'closed'],
      ['hangsUp', 'closed'],
    ] as const) {
      it(`says what is wrong with one that answers with ${manner}`, async () => {
        const { address } = await startBad(manner);
        const [producer, cluster] = await producerFor(address);
        const error = await failure(1_000, producer.send(message, { timeout: 1_000 }));
        expect(sendAttemptsOf(error).map(({ constructor }) => constructor)).to.deep.equal(
          Array(3).fill(ConnectionClosedError),
        );
        expect(error.message).to.contain(what);
        expect(error).to.have.property('outcome', 'unknown');
        const consumer = newConsumer(cluster.nameServers);
        const warnings = warningsOf(consumer);
        await consumer.start({ timeout: 2_000 });
        expect(warnings.map(({ kind }) => kind)).to.deep.equal(['memberListFailed']);
        expect(warnings[0]?.message).to.contain(what);
      });
    }

    for (const [code, name, tries] of [
      [1, 'SYSTEM_ERROR', 3],
      [2, 'SYSTEM_BUSY', 3],
      [14, 'SERVICE_NOT_AVAILABLE', 3],
      [16, 'NO_PERMISSION', 3],
      [13, 'MESSAGE_ILLEGAL', 1],
      [215, undefined, 1],
      [9_999, undefined, 1],
    ] as const) {
      it(`tells of an answer with code ${code}, after ${tries} attempts`, async () => {
        const cluster = await startCluster();
        cluster.control(Commands.sendMessageV2, { answer: code, remark: 'the remark' });
        const producer = newProducer(cluster.nameServers);
        await producer.start({ timeout: 2_000 });
        const error = await failure(1_000, producer.send(message, { timeout: 1_000 }));
        const attempts = sendAttemptsOf(error);
        expect(attempts).to.have.length(tries);
        for (const attempt of attempts) {
          expect(as(attempt, ResponseError)).to.include({
            code: 'ERR_RMQ_RESPONSE',
            responseCode: code,
            remark: 'the remark',
          });
          if (name !== undefined) expect(attempt).to.have.property('responseName', name);
        }
        expect(error.message).to.contain('the remark').and.to.contain(String(code));
      });
    }

    it('warns of pulls that it answers with an error, and goes on when it stops', async () => {
      const cluster = await startCluster({ topics: { [topic]: 1 } });
      const control = cluster.control(Commands.pullMessage, {
        answer: 16,
        remark: 'not for you',
        when: ({ command }) => command.extFields?.['topic'] === topic,
      });
      const got: string[] = [];
      const consumer = kept(
        new PushConsumer({
          nameServers: cluster.nameServers,
          consumerGroup: 'Group',
          consumeFromWhere: 'first',
        }),
      );
      consumer.subscribe(topic, { eachMessage: (each) => void got.push(each.text()) });
      const warnings = warningsOf(consumer);
      await consumer.start({ timeout: 2_000 });
      const warning = await eventually(() => warnings.find(({ kind }) => kind === 'pullFailed'), {
        what: 'the warning',
      });
      expect(warning)
        .to.have.property('error')
        .that.is.instanceOf(ResponseError)
        .and.includes({ responseName: 'NO_PERMISSION' });
      control.remove();
      const producer = newProducer(cluster.nameServers);
      await producer.start();
      await producer.send(message);
      await eventually(() => got[0], { what: 'the message' });
    });
  });

  describe('as a topic that does not exist', () => {
    it('is a RouteNotFoundError for a send where the cluster makes no topics', async () => {
      const cluster = await startCluster({ autoCreateTopics: false });
      const producer = newProducer(cluster.nameServers);
      await producer.start({ timeout: 1_000 });
      const error = await failure(
        1_000,
        producer.send({ topic: 'Unknown', body: 'text' }, { timeout: 1_000 }),
      );
      expect(as(error, RouteNotFoundError)).to.include({ code: 'ERR_RMQ_NO_ROUTE', topic: 'Unknown' });
      expect(as(await failure(1_000, producer.fetchQueues('Unknown')), RouteNotFoundError).topic).to.equal(
        'Unknown',
      );
    });

    it('is a warning for a consumer, which consumes it once it exists', async () => {
      const cluster = await startCluster({ topics: {}, autoCreateTopics: false });
      const consumer = newConsumer(cluster.nameServers);
      const warnings = warningsOf(consumer);
      await consumer.start({ timeout: 2_000 });
      expect(warnings.map(({ kind }) => kind)).to.deep.equal(['topicMissing']);
      expect(warnings[0]?.message).to.contain(topic);
      cluster.createTopic(topic, { queues: 1 });
      await eventually(() => consumer.queues().find(({ queue }) => queue.topic === topic), {
        what: 'the queue',
      });
    });

    it('is refused by its name where no broker could take it', async () => {
      const cluster = await startCluster();
      const producer = newProducer(cluster.nameServers);
      await producer.start({ timeout: 1_000 });
      for (const name of ['', 'with blank', 'a/b', 'x'.repeat(128), 'RMQ_SYS_TRACE_TOPIC\u0000']) {
        const error = await failure(100, producer.send({ topic: name, body: 'text' }));
        expect(error.code).to.equal('ERR_RMQ_INVALID_MESSAGE');
      }
    });
  });
});
