import { expect } from 'chai';
import { it } from 'mocha';

import type { ConsumerWarning } from '../../../lib/consumer/events.ts';
import {
  ConnectError,
  NameServerError,
  ResponseError,
  RouteNotFoundError,
  SendFailedError,
} from '../../../lib/errors.ts';
import { Producer } from '../../../lib/producer/producer.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { Clients } from '../../support/clients.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { withRemoting } from '../../support/remoting.ts';

const failure = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

await describeEverywhere('Bad input', (target) => {
  it('makes a send to a topic that neither exists nor can be made a RouteNotFoundError', async () => {
    const { nameServers } = await target.cluster();
    await using clients = new Clients(nameServers);
    const producer = await clients.producer({ createTopicKey: uniqueName('NoTemplate') });
    const topic = uniqueName('Unknown');
    const error = await failure(producer.send({ topic, body: 'text' }, { timeout: 2_000 }));
    expect(error).to.be.instanceOf(RouteNotFoundError).and.include({ code: 'ERR_RMQ_NO_ROUTE', topic });
    expect(await failure(producer.fetchQueues(topic))).to.be.instanceOf(RouteNotFoundError);
  });

  it('warns of an unknown topic, and consumes it once it exists', async () => {
    const cluster = await target.cluster();
    await using clients = new Clients(cluster.nameServers);
    const topic = uniqueName('Later');
    const got: string[] = [];
    const warnings: ConsumerWarning[] = [];
    const consumer = clients.consumer(topic, { eachMessage: (message) => void got.push(message.text()) });
    consumer.on('warning', (warning) => warnings.push(warning));
    await consumer.start();
    expect(warnings.map(({ kind }) => kind)).to.deep.equal(['topicMissing']);
    await cluster.createTopic(topic, { queues: 1 });
    await clients.send(topic, ['there']);
    await eventually(() => got[0], { what: 'the message' });
  });

  it('tells what a broker answers to a message that it refuses, without trying again', async () => {
    const cluster = await target.cluster();
    await using clients = new Clients(cluster.nameServers);
    const topic = uniqueName('TooLarge');
    await cluster.createTopic(topic, { queues: 1 });
    const producer = await clients.producer({
      maxMessageSize: 16 * 1024 * 1024,
      compressThreshold: 16 * 1024 * 1024,
    });
    const error = await failure(
      producer.send({ topic, body: Buffer.alloc(5 * 1024 * 1024) }, { timeout: 10_000 }),
    );
    expect(error).to.be.instanceOf(SendFailedError).and.include({ outcome: 'notSent' });
    const attempts = error instanceof SendFailedError ? error.attempts : [];
    expect(attempts).to.have.length(1);
    expect(attempts[0]?.error)
      .to.be.instanceOf(ResponseError)
      .and.include({ responseName: 'MESSAGE_ILLEGAL', responseCode: 13 });
  });

  it('says that a broker is no name server', async () => {
    const { nameServers } = await target.cluster();
    const address = await withRemoting(async (remoting) => {
      const [server = ''] = nameServers.split(';');
      const { body } = await remoting.invoke(server, Commands.getBrokerClusterInfo, {}, undefined);
      return [...body.brokerAddrTable.values()][0]?.brokerAddrs.get(0) ?? '';
    });
    await using producer = new Producer({ nameServers: address });
    const error = await failure(producer.start({ timeout: 2_000 }));
    expect(error)
      .to.be.instanceOf(ResponseError)
      .and.include({ responseName: 'REQUEST_CODE_NOT_SUPPORTED', address });
  });

  it('tells a server that TLS cannot be trusted with from one that is not there', async () => {
    const { nameServers } = await target.cluster();
    await using producer = new Producer({ nameServers, tls: true });
    const error = await failure(producer.start({ timeout: 3_000 }));
    expect(error).to.be.instanceOf(NameServerError);
    const [attempt] = error instanceof NameServerError ? error.attempts : [];
    // Real servers speak both on one port, with a certificate that they make up.
    expect(attempt?.error)
      .to.be.instanceOf(ConnectError)
      .with.property('problem')
      .that.matches(/does not speak TLS|self-signed|not trusted|reset|closed/);
  });
});
