/** The program of a chaos run's processes: does what `ChaosProcess` says, and never outlives it. */
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { SendFailedError } from '../../lib/errors.ts';
import { PushConsumer } from '../../lib/consumer/push-consumer.ts';
import { Producer } from '../../lib/producer/producer.ts';
import { Commands } from '../../protocol/commands/index.ts';
import { FileHistory } from '../history/history.ts';
import {
  CLIENT_IP,
  LOCK_LIFE,
  MODE_OPTIONS,
  type ProcessAnswer,
  type ProcessCommand,
  type ProcessOrder,
} from './chaos-process.ts';
import { recordConsumer } from './record-consumer.ts';

/** Milliseconds that `shutdown` gives listeners. */
const PATIENCE = 15_000;

type Run = (command: ProcessCommand) => Promise<void>;

async function begin(order: ProcessOrder): Promise<{ run: Run; nameServers?: string }> {
  switch (order.role) {
    case 'consumer':
      return beginConsumer(order);
    case 'producer':
      return beginProducer(order);
    case 'cluster':
      return beginCluster(order);
  }
}

async function beginConsumer({
  name,
  history: path,
  nameServers,
  addressMap,
  topic,
  group,
  mode = 'immediate',
}: ProcessOrder): Promise<{ run: Run }> {
  const history = new FileHistory(path);
  const consumer = new PushConsumer({
    nameServers,
    ...(addressMap !== undefined && { addressMap }),
    consumerGroup: group,
    clientIp: CLIENT_IP,
    instanceName: name,
    consumeFromWhere: 'first',
    ...MODE_OPTIONS[mode],
  });
  const me = `${CLIENT_IP}@${name}`;
  recordConsumer(consumer, { process: me, topic, history, mode });
  history.record({ process: me, op: 'up', phase: 'invoke', count: 20 });
  await consumer.start({ timeout: 30_000 });
  history.record({ process: me, op: 'up', phase: 'ok' });
  return {
    run: async () => {
      history.record({ process: me, op: 'down', phase: 'invoke', kind: 'left', grace: PATIENCE });
      await consumer.shutdown();
      history.record({ process: me, op: 'down', phase: 'ok', kind: 'left', grace: PATIENCE + 4_000 });
    },
  };
}

async function beginProducer({
  name,
  history: path,
  nameServers,
  addressMap,
  topic,
  rate = 50,
}: ProcessOrder): Promise<{ run: Run }> {
  const history = new FileHistory(path);
  const producer = new Producer({
    nameServers,
    ...(addressMap !== undefined && { addressMap }),
    producerGroup: `${topic}_Producer`,
    clientIp: CLIENT_IP,
    instanceName: name,
  });
  await producer.start();
  const sending = new Set<Promise<void>>();
  let sent = 0;
  const send = async (value: string): Promise<void> => {
    const about = { process: name, op: 'send', topic, value } as const;
    history.record({ ...about, phase: 'invoke' });
    try {
      const { queue, queueOffset: offset } = await producer.send({ topic, keys: value, body: value });
      history.record({ ...about, phase: 'ok', queue: `${queue.brokerName}:${queue.queueId}`, offset });
    } catch (error) {
      const isSure = error instanceof SendFailedError && error.outcome === 'notSent';
      history.record({ ...about, phase: isSure ? 'fail' : 'unknown' });
    }
  };
  const timer = setInterval(() => {
    const one = send(`${name}-${++sent}`);
    sending.add(one);
    void one.finally(() => sending.delete(one));
  }, 1_000 / rate);
  return {
    run: async () => {
      clearInterval(timer);
      await Promise.all(sending);
      await producer.shutdown();
    },
  };
}

async function beginCluster({
  history: path,
  topic,
  group,
}: ProcessOrder): Promise<{ run: Run; nameServers: string }> {
  const history = new FileHistory(path);
  const cluster = await EmbeddedCluster.start({
    brokers: 2,
    topics: { [topic]: 4 },
    requestLogSize: 100,
    lockExpiry: LOCK_LIFE,
  });
  const row = Commands.updateConsumerOffset;
  cluster.control(row, ({ server, client, command }) => {
    const header = row.request.decode(command.extFields);
    const member = cluster.group(group).members.find(({ address }) => address === client)?.clientId ?? client;
    return {
      change: (answer) => {
        const queue = `${server}:${header.queueId}`;
        if ((answer.code ?? 0) === 0 && header.consumerGroup === group)
          history.record({
            process: member,
            op: 'commit',
            topic: header.topic,
            queue,
            offset: header.commitOffset,
          });
        return answer;
      },
    };
  });
  const run: Run = async (command) => {
    if (command.do === 'stopBroker') await cluster.stopBroker(command.broker, { leaveRoute: true });
    else if (command.do === 'startBroker') await cluster.startBroker(command.broker);
    else if (command.do === 'disconnect') cluster.disconnect({ server: command.broker });
    else if (command.do === 'stopNameServer') await cluster.stopNameServer();
    else if (command.do === 'startNameServer') await cluster.startNameServer();
    else await cluster.shutdown();
  };
  return { run, nameServers: cluster.nameServers };
}

const say = (answer: ProcessAnswer): void => void process.send?.(answer);
const told = (error: unknown): ProcessAnswer => ({
  ok: false,
  error: error instanceof Error ? (error.stack ?? error.message) : String(error),
});
let running: Run | undefined;

async function obey(message: ProcessOrder | ProcessCommand): Promise<void> {
  try {
    if ('role' in message) {
      const { run, nameServers } = await begin(message);
      running = run;
      say({ ok: true, ...(nameServers !== undefined && { nameServers }) });
      return;
    }
    await running?.(message);
    say({ ok: true });
    // The answer has to get out before the process ends.
    if (message.do === 'end') await delay(20).then(() => process.exit());
  } catch (error) {
    say(told(error));
  }
}

process.on('message', (message: ProcessOrder | ProcessCommand) => void obey(message));
process.once('disconnect', () => process.exit());
