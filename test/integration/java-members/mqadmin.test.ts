import { expect } from 'chai';
import { after, before, it } from 'mocha';
import { averagely } from '../../../lib/allocate/averagely.ts';
import { CURRENT_VERSION, describeVersion } from '../../../protocol/codes/version.ts';
import { eventually } from '../../support/group/eventually.ts';
import { Member } from '../../support/group/member.ts';
import { RemoteMember } from '../../support/group/remote-member.ts';
import { Trial } from '../../support/group/trial.ts';
import { describeProcesses, sharedCluster } from '../../support/real/target.ts';

const OUR_VERSION = describeVersion(CURRENT_VERSION);

await describeProcesses('mqadmin looking at a group of ours', (version) => {
  let trial: Trial;
  let apart: RemoteMember;
  let ids: readonly string[];
  let output: Readonly<Record<'progress' | 'connection' | 'status' | 'member', string>>;

  before(async function () {
    this.timeout(180_000);
    const cluster = await sharedCluster(version);
    trial = await Trial.start(cluster, { name: 'Mqadmin', rate: 200, commitInterval: 200 });
    const here = new Member();
    apart = await RemoteMember.spawn();
    await trial.join(here, 'Consumer1');
    await trial.join(apart, 'Consumer2');
    ids = [trial.idOf(here), trial.idOf(apart)];
    await trial.producer.stop();
    await eventually(
      async () => ((await storedTotal(trial)) === trial.producer.acknowledged.size ? true : undefined),
      {
        what: 'commit of all that was sent',
      },
    );
    const group = ['-g', trial.view.group];
    // A JVM each, one or two seconds: side by side.
    const [progress, connection, status, member] = await Promise.all([
      cluster.mqadmin(['consumerProgress', ...group, '-s', 'true']),
      cluster.mqadmin(['consumerConnection', ...group]),
      cluster.mqadmin(['consumerStatus', ...group]),
      cluster.mqadmin(['consumerStatus', ...group, '-i', trial.idOf(apart)]),
    ]);
    output = { progress, connection, status, member };
  });

  after(async () => {
    await apart?.kill();
    await trial?.[Symbol.asyncDispose]();
  });

  it('sees in consumerProgress that every queue is done, and whose it is', () => {
    const rows = lines(output.progress)
      .filter(([topic]) => topic === trial.view.topic)
      .map(([, broker, queueId, brokerOffset, consumerOffset, clientIp, diff]) => ({
        queue: `${broker}:${queueId}`,
        remains: Number(brokerOffset) - Number(consumerOffset),
        consumed: Number(consumerOffset),
        clientIp,
        diff,
      }));
    expect(rows.map(({ queue }) => queue)).to.have.members(
      trial.view.queues.map(({ brokerName, queueId }) => `${brokerName}:${queueId}`),
    );
    for (const row of rows)
      expect(row).to.include({ remains: 0, diff: '0', clientIp: ids[0]?.split('@')[0] });
    expect(rows.reduce((sum, { consumed }) => sum + consumed, 0)).to.equal(trial.producer.acknowledged.size);
    expect(output.progress).to.match(/Diff Total: 0$/m);
  });

  it('sees in consumerConnection the client ids, language and version of both, and their subscriptions', () => {
    const members = lines(output.connection).filter(([id = '']) => ids.includes(id));
    expect(members.map(([id]) => id)).to.have.members(ids);
    for (const [, address, language, clientVersion] of members) {
      expect(address).to.match(/^127\.0\.0\.1:\d+$/);
      // Not every broker knows NODE_JS.
      expect(language).to.equal(version === '4.9.7' ? 'OTHER' : 'NODE_JS');
      expect(clientVersion).to.equal(OUR_VERSION);
    }
    const { topic, group } = trial.view;
    expect(lines(output.connection))
      .to.deep.include([topic, '*'])
      .and.to.deep.include([`%RETRY%${group}`, '*']);
    expect(output.connection).to.match(/^ConsumeType: CONSUME_PASSIVELY$/m);
    expect(output.connection).to.match(/^MessageModel: CLUSTERING$/m);
    expect(output.connection).to.match(/^ConsumeFromWhere: CONSUME_FROM_FIRST_OFFSET$/m);
  });

  it('finds in consumerStatus that subscriptions and allocation of all members are in order', () => {
    const members = lines(output.status).filter(([, id = '']) => ids.includes(id));
    expect(members.map(([, id]) => id)).to.have.members(ids);
    for (const [, , clientVersion] of members) expect(clientVersion).to.equal(OUR_VERSION);
    expect(output.status).to.contain('Same subscription in the same group of consumer');
    expect(output.status).to.match(/^Rebalance OK$/m);
  });

  it('shows in consumerStatus what one member owns, how far it is, and what it is', () => {
    const [, id = ''] = ids;
    const details = lines(output.member).filter(
      (fields) => fields[0] === trial.view.topic && fields[3] === 'ProcessQueueInfo',
    );
    const share = trial.view.allocation(ids, averagely()).get(id) ?? [];
    expect(details.map(([, broker, queueId]) => `${broker}:${queueId}`)).to.deep.equal(
      share.map(({ brokerName, queueId }) => `${brokerName}:${queueId}`),
    );
    for (const detail of details) {
      expect(detail.join(' ')).to.match(/commitOffset=[1-9]\d*,.* cachedMsgCount=0,.* droped=false,/);
    }
    const properties = new Map(
      lines(output.member).map(([name = '', colon, value]) => [name, colon === ':' ? value : undefined]),
    );
    expect(properties.get('PROP_CONSUME_TYPE')).to.equal('CONSUME_PASSIVELY');
    expect(properties.get('PROP_CONSUMEORDERLY')).to.equal('false');
    expect(properties.get('PROP_CLIENT_VERSION')).to.equal(OUR_VERSION);
    expect(properties.get('PROP_NAMESERVER_ADDR')).to.contain(trial.view.nameServers);
    expect(Number(properties.get('PROP_CONSUMER_START_TIMESTAMP'))).to.be.closeTo(Date.now(), 180_000);
  });
});

/** The fields of every line. */
function lines(text: string): string[][] {
  return text.split('\n').map((line) => line.trim().split(/\s+/));
}

async function storedTotal({ view }: Trial): Promise<number> {
  const offsets = await view.storedOffsets();
  return [...offsets.values()].reduce((sum, offset) => sum + offset, 0);
}
