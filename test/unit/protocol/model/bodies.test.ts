import { inspect } from 'node:util';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Commands, ProtocolError, tagSubscription } from '../../../../protocol/index.ts';

/** The table holds bodies of many types; what one decodes, the same one encodes. */
interface AnyBody {
  encode(value: unknown): Buffer | undefined;
  decode(bytes: Buffer | undefined): unknown;
}

const queue = '{"brokerName":"broker-a","queueId":3,"topic":"TopicTest"}';
const subscription =
  '{"classFilterMode":false,"codeSet":[2598919,2598920],"expressionType":"TAG","subString":"TagA || TagB","subVersion":1700000000000,"tagsSet":["TagA","TagB"],"topic":"TopicTest"}';
const { heartBeat, lockBatchMq, getConsumerConnectionList, getBrokerClusterInfo, getRouteInfoByTopic } =
  Commands;

/** Bodies as Java wrote them, from wire-protocol.md section 6: each is read, and written again with the same bytes. */
const vectors: [title: string, body: AnyBody, text: string][] = [
  [
    'a heartbeat',
    heartBeat.requestBody,
    `{"clientID":"192.168.1.5@12345#987654321","consumerDataSet":[{"consumeFromWhere":"CONSUME_FROM_LAST_OFFSET","consumeType":"CONSUME_PASSIVELY","groupName":"CG1","messageModel":"CLUSTERING","subscriptionDataSet":[{"classFilterMode":false,"codeSet":[],"expressionType":"TAG","subString":"*","subVersion":1700000000001,"tagsSet":[],"topic":"%RETRY%CG1"},${subscription}],"unitMode":false}],"heartbeatFingerprint":0,"producerDataSet":[{"groupName":"PG1"}],"withoutSub":false}`,
  ],
  [
    'a route',
    getRouteInfoByTopic.responseBody,
    '{"brokerDatas":[{"brokerAddrs":{"0":"10.0.0.1:10911","1":"10.0.0.2:10911"},"brokerName":"broker-a","cluster":"DefaultCluster","enableActingMaster":false}],"filterServerTable":{},"queueDatas":[{"brokerName":"broker-a","perm":6,"readQueueNums":4,"topicSysFlag":0,"writeQueueNums":4}]}',
  ],
  [
    'a lock request',
    lockBatchMq.requestBody,
    `{"clientId":"c@1","consumerGroup":"CG1","mqSet":[${queue}],"onlyThisBroker":false}`,
  ],
  ['a lock answer', lockBatchMq.responseBody, `{"lockOKMQSet":[${queue}]}`],
  ['consumer ids', Commands.getConsumerListByGroup.responseBody, '{"consumerIdList":["a@1","b@2"]}'],
  ['an offset reset', Commands.resetConsumerClientOffset.requestBody, `{"offsetTable":{${queue}:42}}`],
  [
    'a client’s status',
    Commands.getConsumerStatusFromClient.responseBody,
    `{"consumerTable":{},"messageQueueTable":{${queue}:42}}`,
  ],
  [
    'a group’s status',
    Commands.invokeBrokerToGetConsumerStatus.responseBody,
    `{"consumerTable":{"c@1":{${queue}:42}},"messageQueueTable":{}}`,
  ],
  [
    'a result of direct consumption',
    Commands.consumeMessageDirectly.responseBody,
    '{"autoCommit":true,"consumeResult":"CR_SUCCESS","order":false,"spentTimeMills":12}',
  ],
  [
    'a client check',
    Commands.checkClientConfig.requestBody,
    `{"clientId":"c@1","group":"CG1","subscriptionData":${subscription}}`,
  ],
  [
    'connections',
    getConsumerConnectionList.responseBody,
    `{"connectionSet":[{"clientAddr":"10.0.0.9:5555","clientId":"c@1","language":"JAVA","version":455}],"consumeFromWhere":"CONSUME_FROM_LAST_OFFSET","consumeType":"CONSUME_PASSIVELY","messageModel":"CLUSTERING","subscriptionTable":{"TopicTest":${subscription}}}`,
  ],
];

/** The same where Java's numbers or keys are spelt in a way that JSON does not know; equal as values. */
const alike: [title: string, body: AnyBody, text: string][] = [
  [
    'cluster information',
    getBrokerClusterInfo.responseBody,
    '{"brokerAddrTable":{"broker-a":{"brokerAddrs":{0:"10.0.0.1:10911",1:"10.0.0.2:10911"},"brokerName":"broker-a","cluster":"DefaultCluster","enableActingMaster":false}},"clusterAddrTable":{"DefaultCluster":["broker-a"]}}',
  ],
  [
    'running information',
    Commands.getConsumerRunningInfo.responseBody,
    `{"mqPopTable":{{"brokerName":"broker-a","queueId":-1,"topic":"TopicTest"}:{"droped":false,"lastPopTimestamp":0,"waitAckCount":0}},"mqTable":{${queue}:{"cachedMsgCount":0,"cachedMsgMaxOffset":0,"cachedMsgMinOffset":0,"cachedMsgSizeInMiB":0,"commitOffset":7,"droped":false,"lastConsumeTimestamp":0,"lastLockTimestamp":0,"lastPullTimestamp":0,"locked":false,"transactionMsgCount":0,"transactionMsgMaxOffset":0,"transactionMsgMinOffset":0,"tryUnlockTimes":0}},"properties":{"PROP_CONSUME_TYPE":"CONSUME_PASSIVELY","PROP_CONSUMER_START_TIMESTAMP":"1700000000000"},"statusTable":{"TopicTest":{"consumeFailedMsgs":0,"consumeFailedTPS":0.0,"consumeOKTPS":0.0,"consumeRT":0.0,"pullRT":1.5,"pullTPS":0.0}},"subscriptionSet":[${subscription}],"userConsumerInfo":{}}`,
  ],
  [
    'topic statistics',
    Commands.getTopicStatsInfo.responseBody,
    '{"offsetTable":{{"brokerName":"broker-a","queueId":0,"topic":"TopicTest"}:{"lastUpdateTimestamp":0,"maxOffset":9,"minOffset":0}},"topicPutTps":0.0}',
  ],
  [
    'consume statistics',
    Commands.getConsumeStats.responseBody,
    '{"consumeTps":0.0,"offsetTable":{{"brokerName":"broker-a","queueId":0,"topic":"TopicTest"}:{"brokerOffset":10,"consumerOffset":8,"lastTimestamp":0,"pullOffset":0}}}',
  ],
];

describe('JSON bodies', () => {
  for (const [title, body, text] of vectors) {
    it(`carry ${title} with Java’s bytes`, () => {
      expect(body.encode(body.decode(Buffer.from(text)))?.toString()).to.equal(text);
    });
  }

  for (const [title, body, text] of alike) {
    it(`carry ${title} with equal values`, () => {
      const value = body.decode(Buffer.from(text));
      expect(body.decode(body.encode(value))).to.deep.equal(value);
      expect(inspect(value, { depth: 9 })).to.include("'broker-a'");
    });
  }

  it('read routes of old servers alike', () => {
    const strict = getRouteInfoByTopic.responseBody.decode(Buffer.from(vectors[1]?.[2] ?? ''));
    const old = vectors[1]?.[2].replace('"0":', '0:').replace('"1":', '1:') ?? '';
    expect(getRouteInfoByTopic.responseBody.decode(Buffer.from(old))).to.deep.equal(strict);
    expect(strict.brokerDatas[0]?.brokerAddrs.get(1)).to.equal('10.0.0.2:10911');
  });

  it('read strict routes with escaped characters', () => {
    const text = String.raw`{"orderTopicConf":"broker-\u6D88:4\/x","brokerDatas":[],"queueDatas":[]}`;
    expect(getRouteInfoByTopic.responseBody.decode(Buffer.from(text)).orderTopicConf).to.equal(
      'broker-消:4/x',
    );
  });

  it('read the list-shaped reset of CPP clients', () => {
    const text = '{"offsetTable":[{"brokerName":"broker-a","offset":42,"queueId":3,"topic":"TopicTest"}]}';
    expect(Commands.resetConsumerClientOffset.requestBody.decode(Buffer.from(text))).to.deep.equal({
      offsetTable: [[{ brokerName: 'broker-a', queueId: 3, topic: 'TopicTest' }, 42]],
    });
  });

  it('read connections whose subscriptions refer to each other', () => {
    const text = `{"connectionSet":[],"subscriptionTable":{"A":${subscription},"B":{"$ref":"$.subscriptionTable.A"}}}`;
    const { subscriptionTable } = getConsumerConnectionList.responseBody.decode(Buffer.from(text));
    expect(subscriptionTable.get('B')).to.deep.equal(subscriptionTable.get('A'));
    expect(subscriptionTable.get('B')).to.deep.equal(
      tagSubscription('TopicTest', 'TagA || TagB', 1_700_000_000_000),
    );
  });

  it('supply Java’s defaults for what is missing', () => {
    expect(heartBeat.requestBody.decode(Buffer.from('{"consumerDataSet":[{}]}'))).to.deep.equal({
      clientID: '',
      producerDataSet: [],
      consumerDataSet: [
        {
          groupName: '',
          consumeType: 'CONSUME_PASSIVELY',
          messageModel: 'CLUSTERING',
          unitMode: false,
          consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
          subscriptionDataSet: [],
        },
      ],
      heartbeatFingerprint: 0,
      withoutSub: false,
    });
  });

  for (const [title, body, text] of [
    ['an array where an object belongs', getRouteInfoByTopic.responseBody, '[]'],
    ['an object where an array belongs', getRouteInfoByTopic.responseBody, '{"brokerDatas":{}}'],
    ['text where a number belongs', getRouteInfoByTopic.responseBody, '{"queueDatas":[{"perm":"x"}]}'],
    [
      'an object where text belongs',
      getRouteInfoByTopic.responseBody,
      '{"brokerDatas":[{"brokerAddrs":{0:{}}}]}',
    ],
    [
      'a broker id that is no number',
      getRouteInfoByTopic.responseBody,
      '{"brokerDatas":[{"brokerAddrs":{"a":"b"}}]}',
    ],
    [
      'an offset beyond 2^53',
      Commands.getConsumeStats.responseBody,
      `{"offsetTable":{${queue}:{"brokerOffset":9007199254740993}}}`,
    ],
    [
      'a reset beyond 2^53',
      Commands.resetConsumerClientOffset.requestBody,
      `{"offsetTable":{${queue}:9007199254740993}}`,
    ],
    ['bytes that are not JSON', heartBeat.requestBody, '\0\0\0'],
  ] as [string, AnyBody, string][]) {
    it(`are refused with ${title}`, () => {
      expect(() => body.decode(Buffer.from(text))).to.throw(ProtocolError);
    });
  }
});
