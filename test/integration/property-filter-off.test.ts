import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';

import type { ConsumerWarning } from '../../lib/consumer/events.ts';
import { FilterError } from '../../lib/consumer/filter/filter-error.ts';
import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { Clients } from '../support/clients.ts';
import { uniqueName } from '../support/everywhere.ts';
import { eventually } from '../support/group/eventually.ts';
import { RealCluster } from '../support/real/real-cluster.ts';
import { describeProcesses } from '../support/real/target.ts';

interface Place {
  readonly nameServers: string;
  createTopic(name: string, options: { readonly queues: number }): void | Promise<void>;
}

/** What a consumer says where brokers do not filter by SQL92: the default of a broker, so the first thing that users meet. */
function define(place: () => Place): void {
  const arrange = async () => {
    const { nameServers } = place();
    const topic = uniqueName('Unfiltered');
    await place().createTopic(topic, { queues: 1 });
    return { clients: new Clients(nameServers), topic };
  };

  it('makes start fail with an error that says what to set', async () => {
    const { clients, topic } = await arrange();
    await using _ = clients;
    const consumer = clients.consumer(topic, { filter: { sql: 'a = 1' }, eachMessage: () => {} });
    const error: unknown = await consumer.start().catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(FilterError);
    expect(error).to.include({ topic, problem: 'disabled' });
    expect(String(error)).to.include('enablePropertyFilter=true');
  });

  it('is a warning while running, and goes on when the filter is one of tags again', async () => {
    const { clients, topic } = await arrange();
    await using _ = clients;
    const got: string[] = [];
    const warnings: ConsumerWarning[] = [];
    const eachMessage = (message: { text(): string }): void => void got.push(message.text());
    const consumer = clients.consumer(topic, { eachMessage });
    consumer.on('warning', (warning) => warnings.push(warning));
    await consumer.start();
    await clients.send(topic, ['a']);
    await eventually(() => (got.length === 1 ? true : undefined), { what: 'the first message' });
    consumer.subscribe(topic, { filter: { sql: 'a = 1' }, eachMessage });
    const kinds = (): string[] => warnings.map(({ kind }) => kind).sort();
    await eventually(() => (kinds().length === 2 ? true : undefined), {
      what: 'warnings',
      otherwise: () => kinds().join(),
    });
    expect(kinds()).to.deep.equal(['filterRefused', 'pullFailed']);
    consumer.subscribe(topic, { filter: '*', eachMessage });
    await clients.send(topic, ['b']);
    await eventually(() => (got.length === 2 ? true : undefined), { what: 'the second message' });
  });
}

describe('SQL92 where the embedded cluster does not filter', () => {
  let cluster: EmbeddedCluster;
  before(async () => {
    cluster = await EmbeddedCluster.start({ propertyFilter: false });
  });
  after(async () => cluster?.shutdown());
  define(() => cluster);
});

await describeProcesses('SQL92 and lite pulls where brokers have them switched off', (version) => {
  let cluster: RealCluster;
  before(async () => {
    const brokerConfig = { enablePropertyFilter: false, litePullMessageEnable: false };
    cluster = await RealCluster.start({ version, brokerConfig });
  });
  after(async () => cluster?.stop());
  define(() => cluster);

  // 4.9 knows no LITE_PULL_MESSAGE, and is asked for none.
  const title =
    version === '4.9.7' ? 'serves lite pull consumers' : 'says that lite pull consumers are switched off';
  it(`${title}, with litePullMessageEnable=false`, async () => {
    await using clients = new Clients(cluster.nameServers);
    const topic = uniqueName('Lite');
    await cluster.createTopic(topic, { queues: 1 });
    const consumer = clients.lite();
    const warnings: ConsumerWarning[] = [];
    consumer.on('warning', (warning) => warnings.push(warning));
    consumer.subscribe(topic);
    await consumer.start();
    await clients.send(topic, ['a']);
    const got = (await consumer.poll({ timeout: 2_000 })).map((message) => message.text());
    const seen = [got, warnings.map(({ kind }) => kind)];
    expect(seen).to.deep.equal(version === '4.9.7' ? [['a'], []] : [[], ['pullFailed']]);
    if (version !== '4.9.7') expect(warnings[0]?.message).to.include('for lite pull consumer is forbidden');
  });
});
