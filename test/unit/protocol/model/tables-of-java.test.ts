import { expect } from 'chai';
import { describe, it } from 'mocha';
import {
  Commands,
  heartbeatFingerprint,
  popCheckPoint,
  ProtocolError,
  readAttributeChanges,
  readConfigText,
  readLocalOffsets,
  slimHeartbeat,
  topicConfig,
  writeAttributeChanges,
  writeConfigText,
  writeLocalOffsets,
} from '../../../../protocol/index.ts';

interface AnyBody {
  encode(value: unknown): Buffer | undefined;
  decode(bytes: Buffer | undefined): unknown;
}

const queue = '{"brokerName":"broker-a","queueId":0,"topic":"TopicTest"}';
const config =
  '{"attributes":{"+message.type":"FIFO"},"order":false,"perm":6,"readQueueNums":4,"topicFilterType":"SINGLE_TAG","topicName":"TopicTest","topicSysFlag":0,"writeQueueNums":4}';
const group =
  '{"attributes":{},"brokerId":0,"consumeBroadcastEnable":true,"consumeEnable":true,"consumeFromMinEnable":true,"consumeMessageOrderly":false,"consumeTimeoutMinute":15,"groupName":"CG1","groupRetryPolicy":{"type":"CUSTOMIZED"},"groupSysFlag":0,"notifyConsumerIdsChangedEnable":true,"retryMaxTimes":16,"retryQueueNums":1,"whichBrokerWhenConsumeSlowly":1}';

/** Bodies as Java wrote them, from wire-protocol.md section 6: each is read, and written again with the same bytes. */
const vectors: [title: string, body: AnyBody, text: string][] = [
  ['a topic list', Commands.updateAndCreateTopicList.requestBody, `{"topicConfigList":[${config}]}`],
  [
    'all topics',
    Commands.getAllTopicConfig.responseBody,
    `{"dataVersion":{"counter":0,"stateVersion":0,"timestamp":1795331623167},"topicConfigTable":{"TopicTest":${config}}}`,
  ],
  ['a group', Commands.updateAndCreateSubscriptionGroup.requestBody, group],
  [
    'an assignment request',
    Commands.queryAssignment.requestBody,
    '{"clientId":"c@1","consumerGroup":"CG1","messageModel":"CLUSTERING","strategyName":"AVG","topic":"TopicTest"}',
  ],
  [
    'an assignment',
    Commands.queryAssignment.responseBody,
    '{"messageQueueAssignments":[{"messageQueue":{"brokerName":"broker-a","queueId":-1,"topic":"TopicTest"},"mode":"POP"}]}',
  ],
  ['no valid assignment', Commands.queryAssignment.responseBody, '{}'],
  ['an empty assignment', Commands.queryAssignment.responseBody, '{"messageQueueAssignments":[]}'],
  [
    'a request mode',
    Commands.setMessageRequestMode.requestBody,
    '{"consumerGroup":"CG1","mode":"POP","popShareQueueNum":8,"topic":"TopicTest"}',
  ],
  [
    'a batch of acknowledgements',
    Commands.batchAckMessage.requestBody,
    '{"acks":[{"b":"CQI=","c":"CG1","it":60000,"pt":1700000000000,"q":1,"r":"0","rq":3,"so":100,"t":"TopicTest"}],"brokerName":"broker-a"}',
  ],
  ['a user', Commands.createUser.requestBody, '{"password":"p","userType":"Normal","username":"u"}'],
  ['users', Commands.listUsers.responseBody, '[{"userType":"Super","username":"a"},{"username":"b"}]'],
  [
    'policies',
    Commands.createAcl.requestBody,
    '{"policies":[{"entries":[{"actions":["Pub","Sub"],"decision":"Allow","resource":"Topic:*","sourceIps":["192.168.0.0/16"]}]}],"subject":"User:u"}',
  ],
  [
    'retry policies',
    Commands.getSubscriptionGroupConfig.responseBody,
    group.replace(
      '{"type":"CUSTOMIZED"}',
      '{"exponentialRetryPolicy":{"initial":5000,"max":7200000,"multiplier":2},"type":"EXPONENTIAL"}',
    ),
  ],
  [
    'replicas',
    Commands.getControllerSyncStateData.responseBody,
    '{"replicasInfoTable":{"broker-a":{"inSyncReplicas":[{"alive":true,"brokerAddress":"10.0.0.1:10911","brokerId":1,"brokerName":"broker-a"}],"masterAddress":"10.0.0.1:10911","masterBrokerId":1,"masterEpoch":2,"notInSyncReplicas":[],"syncStateSetEpoch":3}}}',
  ],
];

/** The same where Java's keys are not JSON; equal as values. */
const alike: [title: string, body: AnyBody, text: string, seen: string][] = [
  [
    'statistics of a broker',
    Commands.getBrokerConsumeStats.responseBody,
    `{"brokerAddr":"a:1","consumeStatsList":[{"CG1":[{"consumeTps":0.0,"offsetTable":{${queue}:{"brokerOffset":10,"consumerOffset":8,"lastTimestamp":0,"pullOffset":0}}}]}],"totalDiff":2,"totalInflightDiff":0}`,
    '"consumerOffset":8',
  ],
  ['corrections', Commands.queryCorrectionOffset.responseBody, '{"correctionOffsets":{0:12}}', '"0":12'],
  [
    'all offsets',
    Commands.getAllConsumerOffset.responseBody,
    '{"dataVersion":{"counter":1,"stateVersion":0,"timestamp":5},"offsetTable":{"T@G":{0:12,1:9007199254740991}}}',
    '"1":9007199254740991',
  ],
  [
    'a member group',
    Commands.getBrokerMemberGroup.responseBody,
    '{"brokerMemberGroup":{"brokerAddrs":{0:"10.0.0.1:10911"},"brokerName":"broker-a","cluster":"C"}}',
    '"0":"10.0.0.1:10911"',
  ],
  [
    'time spans',
    Commands.queryConsumeTimeSpan.responseBody,
    `{"consumeTimeSpanSet":[{"consumeTimeStamp":3,"delayTime":4,"maxTimeStamp":2,"messageQueue":${queue},"minTimeStamp":1,"minTimeStampStr":"1970-01-01#00:00:00:000"}]}`,
    '"delayTime":4',
  ],
  [
    'a topic with logical queues',
    Commands.getTopicConfig.responseBody,
    `${config.slice(0, -1)},"mappingDetail":{"bname":"broker-a","currIdMap":{0:0,2:1},"dirty":false,"epoch":1700000000000,"hostedQueues":{0:[{"bname":"broker-a","endOffset":-1,"gen":0,"logicOffset":0,"queueId":0,"startOffset":0,"timeOfEnd":-1,"timeOfStart":-1}]},"scope":"__global__","topic":"TopicTest","totalQueues":4}}`,
    '"gen":0',
  ],
  [
    'a route with logical queues',
    Commands.getRouteInfoByTopic.responseBody,
    '{"brokerDatas":[{"brokerAddrs":{},"brokerName":"a","cluster":"c","enableActingMaster":false,"zoneName":"z1"}],"filterServerTable":{"a:1":["f:1"]},"queueDatas":[],"topicQueueMappingByBroker":{"broker-a":{"bname":"broker-a","currIdMap":{0:0,2:1},"dirty":false,"epoch":1700000000000,"scope":"__global__","topic":"TopicTest","totalQueues":4}}}',
    '"2":1',
  ],
  [
    'the state of a copy',
    Commands.getBrokerHaStatus.responseBody,
    '{"haClientRuntimeInfo":{"activated":true,"masterAddr":"m:1"},"inSyncSlaveNums":1,"master":true}',
    '"activated":true',
  ],
];

describe('bodies that are declared', () => {
  for (const [title, body, text] of vectors) {
    it(`carry ${title} with Java’s bytes`, () => {
      expect(body.encode(body.decode(Buffer.from(text)))?.toString()).to.equal(text);
    });
  }

  for (const [title, body, text, seen] of alike) {
    it(`carry ${title} with equal values`, () => {
      const value = body.decode(Buffer.from(text));
      const written = body.encode(value);
      expect(body.decode(written)).to.deep.equal(value);
      expect(written?.toString()).to.include(seen);
    });
  }

  it('have Java’s defaults, and take what is given', () => {
    expect(topicConfig.of({ topicName: 'T', writeQueueNums: 4 })).to.deep.equal({
      topicName: 'T',
      readQueueNums: 16,
      writeQueueNums: 4,
      perm: 6,
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag: 0,
      order: false,
      attributes: new Map(),
    });
  });

  it('read the long names of members as well as the short ones', () => {
    expect(popCheckPoint.read({ startOffset: 5, q: 2, cid: 'G' })).to.include({
      startOffset: 5,
      queueId: 2,
      consumerGroup: 'G',
    });
  });

  it('name the member that is wrong', () => {
    const { responseBody } = Commands.queryCorrectionOffset;
    expect(() => responseBody.decode(Buffer.from('{"correctionOffsets":{"x":1}}'))).to.throw(
      ProtocolError,
      'QueryCorrectionOffsetBody.correctionOffsets: has the key "x" where an integer is expected',
    );
    const big = Buffer.from(`{"acks":[{"b":"${'A'.repeat(20_000)}"}]}`);
    expect(() => Commands.batchAckMessage.requestBody.decode(big)).to.throw(
      ProtocolError,
      /bit set: has 15000/,
    );
  });

  it('refuse a bit that no bit set holds', () => {
    const ack = Commands.batchAckMessage.requestBody.decode(Buffer.from('{"acks":[{}]}')).acks[0];
    for (const bit of [-1, 1.5, 1_000_000]) {
      const acks = ack === undefined ? [] : [{ ...ack, bitSet: [bit] }];
      expect(() => Commands.batchAckMessage.requestBody.encode({ brokerName: 'b', acks })).to.throw(
        ProtocolError,
      );
    }
  });
});

describe('texts', () => {
  it('of attributes set and delete', () => {
    const changes = new Map([
      ['message.type', 'FIFO'],
      ['reserve.time', undefined],
    ]);
    expect(writeAttributeChanges(changes)).to.equal('+message.type=FIFO,-reserve.time');
    expect(readAttributeChanges('+message.type=FIFO,-reserve.time')).to.deep.equal(changes);
    expect(() => writeAttributeChanges(new Map([['a', 'b,c']]))).to.throw(ProtocolError);
    for (const text of ['message.type=FIFO', '+a', '-a=b', '+=b'])
      expect(() => readAttributeChanges(text), text).to.throw(ProtocolError);
  });

  it('of a configuration are lines', () => {
    const settings = new Map([
      ['brokerName', 'a=b'],
      ['empty', ''],
    ]);
    expect(writeConfigText(settings)).to.equal('brokerName=a=b\nempty=\n');
    expect(readConfigText('# comment\nbrokerName=a=b\r\n\nempty=\n')).to.deep.equal(settings);
    expect(() => writeConfigText(new Map([['a', 'x\nb=y']]))).to.throw(ProtocolError);
  });

  it('of local offsets are laid out as Java does', () => {
    const text =
      '{\n\t"offsetTable":{{\n\t\t\t"brokerName":"broker-a",\n\t\t\t"queueId":1,\n\t\t\t"topic":"TopicTest"\n\t\t}:6,{\n\t\t\t"brokerName":"broker-a",\n\t\t\t"queueId":0,\n\t\t\t"topic":"TopicTest"\n\t\t}:5\n\t}\n}';
    expect(writeLocalOffsets(readLocalOffsets(text))).to.equal(text);
    expect(readLocalOffsets('{"offsetTable":{}}')).to.deep.equal([]);
  });
});

describe('the fingerprint of a heartbeat', () => {
  const sample = `{"clientID":"192.168.1.5@12345#987654321","consumerDataSet":[{"consumeFromWhere":"CONSUME_FROM_LAST_OFFSET","consumeType":"CONSUME_PASSIVELY","groupName":"CG1","messageModel":"CLUSTERING","subscriptionDataSet":[{"classFilterMode":false,"codeSet":[],"expressionType":"TAG","subString":"*","subVersion":1700000000001,"tagsSet":[],"topic":"%RETRY%CG1"},{"classFilterMode":false,"codeSet":[2598919,2598920],"expressionType":"TAG","subString":"TagA || TagB","subVersion":1700000000000,"tagsSet":["TagA","TagB"],"topic":"TopicTest"}],"unitMode":false}],"heartbeatFingerprint":0,"producerDataSet":[{"groupName":"PG1"}],"withoutSub":false}`;
  const data = Commands.heartBeat.requestBody.decode(Buffer.from(sample));

  it('is the one that Java computes where the order of its sets is by name', () => {
    expect(heartbeatFingerprint(data)).to.equal(-514_692_675);
  });

  it('changes with subscriptions, not with versions and order', () => {
    const text = sample.replace('1700000000001', '5').replace('"PG1"', '"PG1"');
    expect(heartbeatFingerprint(Commands.heartBeat.requestBody.decode(Buffer.from(text)))).to.equal(
      -514_692_675,
    );
    const other = Commands.heartBeat.requestBody.decode(Buffer.from(sample.replace('"*"', '"TagC"')));
    expect(heartbeatFingerprint(other)).to.not.equal(-514_692_675);
  });

  it('goes with a heartbeat that leaves the subscriptions out', () => {
    const slim = slimHeartbeat(data, 7);
    expect(slim).to.include({ heartbeatFingerprint: 7, withoutSub: true, clientID: data.clientID });
    expect(slim.consumerDataSet[0]?.subscriptionDataSet).to.deep.equal([]);
  });
});
