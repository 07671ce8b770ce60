import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { PushConsumer } from '../../../lib/consumer/push-consumer.ts';
import type { JavaPrograms, JavaProcess } from '../java.ts';
import { eventually } from './eventually.ts';

/** A listener at work on a message, ms since the epoch. */
export interface WorkSpan {
  readonly member: string;
  /** `broker:id`. */
  readonly queue: string;
  readonly offset: number;
  readonly key: string;
  readonly from: number;
  to: number;
}

/** Where an orderly member lives, and what it takes to be one. */
export interface OrderlyOptions {
  readonly nameServers: string;
  readonly group: string;
  readonly topic: string;
  readonly instanceName: string;
  /** How long the listener takes, ms. */
  readonly work: number;
  /** Takes down what it works on. */
  readonly spans: WorkSpan[];
}

/** A member that can leave. */
export interface OrderlySeat {
  leave(): Promise<void>;
}

/** Ours, in this process. */
export async function joinOurs(options: OrderlyOptions): Promise<OrderlySeat> {
  const { nameServers, group: consumerGroup, topic, instanceName, work, spans } = options;
  const consumer = new PushConsumer({
    nameServers,
    consumerGroup,
    instanceName,
    consumeMode: 'orderly',
    consumeFromWhere: 'first',
  });
  consumer.subscribe(topic, {
    eachMessage: async (message, { queue }) => {
      const span = {
        member: instanceName,
        queue: `${queue.brokerName}:${queue.queueId}`,
        offset: message.queueOffset,
        key: message.text(),
        from: Date.now(),
        to: Infinity,
      };
      spans.push(span);
      await delay(work);
      span.to = Date.now();
    },
  });
  await consumer.start();
  return { leave: async () => consumer.shutdown() };
}

interface JavaLine {
  readonly event: 'started' | 'queues' | 'message' | 'done' | 'stopped';
  readonly at: number;
  readonly queue: string;
  readonly offset: number;
  readonly body: string;
}

/** Java's own client, in a JVM of its own. */
export async function joinJava(programs: JavaPrograms, options: OrderlyOptions): Promise<OrderlySeat> {
  const { nameServers, group, topic, instanceName, work, spans } = options;
  const args = [nameServers, group, topic, 'averagely', instanceName, 'orderly', work];
  const jvmArgs = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m'];
  const child: JavaProcess = programs.spawnJava('rmq.GroupMember', args, { jvmArgs });
  let errors = '';
  let isStarted = false;
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
  const open = new Map<string, WorkSpan>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { event, at, queue, offset, body: key } = JSON.parse(line) as JavaLine;
    if (event === 'started') isStarted = true;
    if (event === 'message') {
      const span = { member: instanceName, queue, offset, key, from: at, to: Infinity };
      open.set(`${queue}@${offset}`, span);
      spans.push(span);
    }
    const span = event === 'done' ? open.get(`${queue}@${offset}`) : undefined;
    if (span !== undefined) span.to = at;
  });
  await eventually(() => (isStarted ? true : undefined), {
    what: 'start of the Java member',
    within: 60_000,
    otherwise: () => errors,
  });
  return {
    leave: async () => {
      const closed = once(child, 'close');
      child.stdin.end('stop\n');
      await closed;
    },
  };
}
