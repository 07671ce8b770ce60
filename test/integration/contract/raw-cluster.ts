import { RemotingClient } from '../../../lib/remoting/remoting-client.ts';
import { TcpTransport } from '../../../lib/remoting/tcp-transport.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import { systemRandom } from '../../../lib/runtime/random.ts';
import { MQVersion } from '../../../protocol/codes/version.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { encodeProperties } from '../../../protocol/message/properties.ts';
import { decodeStoredMessages, type ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import type { ConsumerData } from '../../../protocol/model/heartbeat-data.ts';
import { tagSubscription } from '../../../protocol/model/subscription-data.ts';
import type { RemotingCommand } from '../../../protocol/remoting-command.ts';
import type { Command, RequestHeaderOf } from '../../../protocol/schema/command.ts';
import type { HeaderFields, HeaderValue } from '../../../protocol/schema/header.ts';
import { type ContractTarget, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';

type SendHeader = RequestHeaderOf<typeof Commands.sendMessageV2>;
type PullHeader = RequestHeaderOf<typeof Commands.pullMessage>;

/** Two frames that the receiver can tell apart: code, remark and all that came with them. */
export type Answer = RemotingCommand;

/** Speaks to a broker of the cluster without any of the client's cleverness. */
export class RawCluster implements AsyncDisposable {
  readonly remoting: RemotingClient;
  /** A topic with one queue, made for this test. */
  readonly topic: string;
  /** Not known to the broker before the test. */
  readonly group = uniqueName('Group');
  readonly nameServer: string;
  readonly broker: string;
  readonly brokerName: string;
  /** Whether the server is of 5.x; else it is of 4.9. */
  readonly isFive: boolean;
  /** Groups of the notices 40 that came. */
  readonly notices: string[] = [];

  private constructor(
    remoting: RemotingClient,
    place: Pick<RawCluster, 'topic' | 'nameServer' | 'broker' | 'brokerName' | 'isFive'>,
  ) {
    this.remoting = remoting;
    this.topic = place.topic;
    this.nameServer = place.nameServer;
    this.broker = place.broker;
    this.brokerName = place.brokerName;
    this.isFive = place.isFive;
    remoting.handle(Commands.notifyConsumerIdsChanged, ({ header }) => {
      this.notices.push(header.consumerGroup);
      return undefined;
    });
  }

  /** Makes a topic with so many queues, and connects. */
  static async open(target: ContractTarget, queues = 1): Promise<RawCluster> {
    const cluster = await target.cluster();
    const topic = uniqueName('Topic');
    await cluster.createTopic(topic, { queues });
    const [nameServer = ''] = cluster.nameServers.split(';');
    const remoting = newRemoting();
    const route = await remoting.invoke(nameServer, Commands.getRouteInfoByTopic, { topic }, undefined);
    const [{ brokerAddrs, brokerName } = { brokerAddrs: new Map<number, string>(), brokerName: '' }] =
      route.body.brokerDatas;
    const broker = brokerAddrs.get(0) ?? '';
    const { version } = await remoting.request(
      broker,
      Commands.getMaxOffset,
      { topic, queueId: 0 },
      undefined,
    );
    const isFive = version >= MQVersion.V5_0_0;
    return new RawCluster(remoting, { topic, nameServer, broker, brokerName, isFive });
  }

  /** One more client of the same broker, with a connection of its own. */
  another(): RawCluster {
    return new RawCluster(newRemoting(), this);
  }

  async ask<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    timeout = 20_000,
  ): Promise<Answer> {
    return this.remoting.request(this.broker, row, header, body, { timeout });
  }

  /** The answer's body; throws for any other code than success. */
  async invoke<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    address = this.broker,
  ): Promise<{ readonly header: HeaderValue<S>; readonly body: SB }> {
    return this.remoting.invoke(address, row, header, body);
  }

  sendHeader(
    header: Partial<SendHeader> = {},
    properties: Readonly<Record<string, string>> = {},
  ): SendHeader {
    return {
      producerGroup: 'Producers',
      topic: this.topic,
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 4,
      queueId: 0,
      sysFlag: 0,
      bornTimestamp: Date.now(),
      flag: 0,
      properties: encodeProperties(new Map(Object.entries(properties))),
      reconsumeTimes: 0,
      unitMode: false,
      batch: false,
      ...header,
    };
  }

  /** Sends to queue 0 unless the header says otherwise, and waits until a pull finds what was stored. */
  async send(
    body: string | Buffer,
    properties: Readonly<Record<string, string>> = {},
    header: Partial<SendHeader> = {},
  ): Promise<Answer> {
    const { topic = this.topic } = header;
    const full = this.sendHeader(header, properties);
    const answer = await this.ask(Commands.sendMessageV2, full, Buffer.from(body));
    const isElsewhere = topic.startsWith('%') || Object.keys(properties).some((name) => parking.has(name));
    if (answer.code === 0 && !isElsewhere) await this.#untilStored(topic, answer);
    return answer;
  }

  /** Real brokers put a message into its queue only after they have answered. */
  async #untilStored(topic: string, { extFields }: Answer): Promise<void> {
    const header = { topic, queueId: Number(extFields?.['queueId']) };
    const offset = Number(extFields?.['queueOffset']);
    await eventually(
      async () => {
        const { header: max } = await this.invoke(Commands.getMaxOffset, header, undefined);
        return max.offset > offset ? true : undefined;
      },
      { what: 'the message in its queue', every: 5 },
    );
  }

  /** Sends texts to queue 0, one after the other. */
  async fill(...bodies: string[]): Promise<void> {
    for (const body of bodies) await this.send(body);
  }

  /** Brings its own subscription, is not held, commits nothing. */
  async pull(header: Partial<PullHeader> = {}): Promise<Answer> {
    return this.ask(Commands.pullMessage, this.pullHeader(header), undefined, 40_000);
  }

  pullHeader(header: Partial<PullHeader> = {}): PullHeader {
    return {
      consumerGroup: this.group,
      topic: this.topic,
      queueId: 0,
      queueOffset: 0,
      maxMsgNums: 32,
      sysFlag: 4,
      commitOffset: 0,
      suspendTimeoutMillis: 0,
      subscription: '*',
      subVersion: 0,
      ...header,
    };
  }

  /** All messages of a topic's queue 0, as soon as there are so many. */
  async read(topic = this.topic, count = 0): Promise<ReceivedMessage[]> {
    return eventually(
      async () => {
        const messages = messagesOf(await this.pull({ topic }));
        return messages.length >= count ? messages : undefined;
      },
      { what: `${count} messages of ${topic}` },
    );
  }

  async heartbeat(clientID: string, group: Partial<ConsumerData> = {}): Promise<Answer> {
    const consumer: ConsumerData = {
      groupName: this.group,
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: 'CLUSTERING',
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
      subscriptionDataSet: [tagSubscription(this.topic, '*', 1)],
      unitMode: false,
      ...group,
    };
    const producerDataSet = [{ groupName: 'Producers' }];
    return this.ask(Commands.heartBeat, {}, { clientID, producerDataSet, consumerDataSet: [consumer] });
  }

  async commit(offset: number, group = this.group, topic = this.topic): Promise<Answer> {
    const header = { consumerGroup: group, topic, queueId: 0, commitOffset: offset };
    return this.ask(Commands.updateConsumerOffset, header, undefined);
  }

  /** The stored offset, or the response code in a text. */
  async committed(group = this.group, setZeroIfNotFound?: boolean): Promise<number | string> {
    const header = { consumerGroup: group, topic: this.topic, queueId: 0, setZeroIfNotFound };
    const answer = await this.ask(Commands.queryConsumerOffset, header, undefined);
    return answer.code === 0 ? Number(answer.extFields?.['offset']) : `code ${answer.code}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remoting.close();
  }
}

/** Properties that keep a message out of its queue for a while. */
const parking: ReadonlySet<string> = new Set([
  'DELAY',
  'TIMER_DELIVER_MS',
  'TIMER_DELAY_SEC',
  'TIMER_DELAY_MS',
  'TRAN_MSG',
]);

const newRemoting = (): RemotingClient =>
  new RemotingClient({ transport: new TcpTransport(), clock: systemClock, random: systemRandom });

/** The messages of an answer. */
export function messagesOf({ body }: Answer): ReceivedMessage[] {
  return decodeStoredMessages(body ?? Buffer.alloc(0), { maxBodySize: 1 << 26 }).flatMap((record) =>
    record.ok ? [record.message] : [],
  );
}

export const textsOf = (answer: Answer): string[] => messagesOf(answer).map((message) => message.text());

/** The first words of a remark: what follows differs between generations. */
export const remarkOf = ({ remark }: Answer): string => remark?.split('\n')[0] ?? '';

/** The fields of an answer that a test names. */
export function fieldsOf({ extFields }: Answer, ...names: string[]): (string | undefined)[] {
  return names.map((name) => extFields?.[name]);
}
