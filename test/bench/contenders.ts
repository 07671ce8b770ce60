import type { JavaPrograms } from '../support/java.ts';
import { runDriver } from './compiled-drivers.ts';
import type { Sample } from './comparison-table.ts';
import { runJavaBenchmark } from './java-benchmark.ts';

/** What every contender is measured with. */
export interface Load {
  readonly nameServers: string;
  readonly inFlight: number;
  /** Bytes. */
  readonly bodySize: number;
  readonly seconds: number;
  readonly warmUp: number;
  /** Seconds: until the JVM's optimising compiler is through. */
  readonly javaWarmUp: number;
  /** Of the backlog. */
  readonly messages: number;
}

/** One way to measure one client. Each call is a process of its own. */
export interface Contender {
  readonly client: string;
  readonly produce?: (topic: string) => Promise<Sample>;
  readonly consume?: (topic: string, group: string) => Promise<Sample>;
}

/** `driver.ts` or `ali-ons-driver.ts`. */
export function nodeContender(
  client: string,
  driver: string,
  load: Load,
  extra: readonly string[] = [],
): Contender {
  const run = async (...args: readonly (string | number)[]): Promise<Sample> => {
    const all = [...args.map(String), '-n', load.nameServers, '--json', ...extra];
    return JSON.parse(await runDriver(driver, all)) as Sample;
  };
  const { inFlight, bodySize, seconds, warmUp, messages } = load;
  const timing = ['--seconds', seconds, '--warm-up', warmUp];
  return {
    client,
    produce: async (topic) => run('producer', '-t', topic, '-w', inFlight, '-s', bodySize, ...timing),
    consume: async (topic, group) => run('consumer', '-t', topic, '-g', group, '--messages', messages),
  };
}

/** This client with a listener that looks at all of a message: it decodes on demand, Java and ali-ons decode everything in any case. */
export function readingContender(load: Load): Contender {
  const { client, consume } = nodeContender('ours-reading', 'driver', load, ['--read']);
  return { client, ...(consume && { consume }) };
}

interface JavaSend {
  readonly failed: number;
  readonly sendsPerSecond: number;
  readonly cpuMicrosPerSend: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
}

interface JavaDrain {
  readonly messagesPerSecond: number;
  readonly cpuMicrosPerMessage: number;
}

/** Java's client with our small programs: `rmq.SendBench` (JSON headers as by default) and `rmq.ConsumeDrain`. */
export function javaContender(java: JavaPrograms, load: Load): Contender {
  const { nameServers, inFlight, bodySize, seconds, javaWarmUp, messages } = load;
  return {
    client: 'java',
    async produce(topic) {
      const args = [nameServers, topic, inFlight, seconds, bodySize, javaWarmUp];
      const result = JSON.parse(await java.runJava('rmq.SendBench', args)) as JavaSend;
      const { failed, sendsPerSecond, cpuMicrosPerSend, p50Micros, p99Micros } = result;
      return {
        failed,
        messagesPerSecond: sendsPerSecond,
        cpuMicrosPerMessage: cpuMicrosPerSend,
        p50Micros,
        p99Micros,
      };
    },
    async consume(topic, group) {
      const text = await java.runJava('rmq.ConsumeDrain', [nameServers, group, topic, messages]);
      const { messagesPerSecond, cpuMicrosPerMessage } = JSON.parse(text) as JavaDrain;
      return { failed: 0, messagesPerSecond, cpuMicrosPerMessage };
    },
  };
}

/** Java's own benchmark program; it only sends. */
export function javaBenchmarkContender(load: Load): Contender {
  const { nameServers, inFlight, bodySize, seconds, javaWarmUp } = load;
  return {
    client: 'java-benchmark',
    produce: async (topic) =>
      runJavaBenchmark({ nameServers, topic, threads: inFlight, bodySize, seconds, warmUp: javaWarmUp }),
  };
}
