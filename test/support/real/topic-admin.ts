import { setTimeout as delay } from 'node:timers/promises';
import { rawInvoke } from './raw-remoting.ts';
import { parseFastjson, registeredBrokers } from './registration.ts';

const UPDATE_AND_CREATE_TOPIC = 17;
const GET_ROUTEINFO_BY_TOPIC = 105;
const SUCCESS = 0;

export interface TopicOptions {
  /** Queues on each broker, for reading and writing alike. Default 4. */
  readonly queues?: number;
  /** 6 read and write (default), 4 read, 2 write. */
  readonly perm?: number;
  /** Only on the broker of this name; default: on all. */
  readonly broker?: string;
  /** 5.x message type of the topic, for example `FIFO` or `DELAY`. */
  readonly messageType?: string;
}

interface RouteBody {
  readonly queueDatas?: readonly { brokerName: string; readQueueNums: number; perm: number }[];
}

/** Creates (or changes) a topic directly on the brokers, then waits until every name server's route shows it. */
export async function createTopic(
  nameServers: string,
  topic: string,
  options: TopicOptions = {},
): Promise<void> {
  const { queues = 4, perm = 6, broker, messageType } = options;
  const servers = nameServers.split(';');
  const [first = ''] = servers;
  const brokers = (await registeredBrokers(first)).filter(
    ({ name, id }) => id === 0 && (broker === undefined || name === broker),
  );
  if (brokers.length === 0) throw new Error(`no broker ${broker ?? ''} is registered at ${first}`);
  const fields = {
    topic,
    defaultTopic: 'TBW102',
    readQueueNums: queues,
    writeQueueNums: queues,
    perm,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
    ...(messageType === undefined ? {} : { attributes: `+message.type=${messageType}` }),
  };
  await Promise.all(
    brokers.map(async ({ name, address }) => {
      const response = await rawInvoke(address, { code: UPDATE_AND_CREATE_TOPIC, fields });
      if (response.code !== SUCCESS)
        throw new Error(`${name} refused topic ${topic}: ${response.code} ${response.remark}`);
    }),
  );
  for (const server of servers) {
    for (const { name } of brokers) await untilRouted(server, topic, name, { queues, perm });
  }
}

async function untilRouted(
  nameServer: string,
  topic: string,
  broker: string,
  wanted: { queues: number; perm: number },
): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const { code, body } = await rawInvoke(nameServer, { code: GET_ROUTEINFO_BY_TOPIC, fields: { topic } });
    if (code === SUCCESS) {
      const route = parseFastjson(body) as RouteBody;
      const data = route.queueDatas?.find(({ brokerName }) => brokerName === broker);
      if (data?.readQueueNums === wanted.queues && data.perm === wanted.perm) return;
    }
    if (Date.now() > deadline)
      throw new Error(`${nameServer} does not route ${topic} to ${broker} after 10 s`);
    await delay(20);
  }
}
