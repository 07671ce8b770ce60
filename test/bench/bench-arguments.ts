import { parseArgs } from 'node:util';

const modes = ['producer', 'consumer', 'idle', 'fill'] as const;
export type BenchMode = (typeof modes)[number];

/** What both drivers take; the letters are those of RocketMQ's own benchmark programs. */
export interface BenchArguments {
  readonly mode: BenchMode;
  readonly nameServers: string;
  readonly topic: string;
  readonly group: string;
  readonly inFlight: number;
  /** Bytes. */
  readonly bodySize: number;
  readonly seconds: number;
  readonly warmUp: number;
  /** Messages of the backlog to drain. */
  readonly messages: number;
  readonly serializeType: 'JSON' | 'ROCKETMQ';
  /** Whether the listener looks at all of a message. */
  readonly read: boolean;
  readonly json: boolean;
}

const usage = `usage: driver.ts producer|consumer|idle|fill -n NAME_SERVER -t TOPIC
  -g, --group        producer or consumer group
  -w, --in-flight    sends under way at a time (64)
  -s, --size         bytes of a body (128)
      --seconds      to measure (10), of a consumer: at most (120)
      --warm-up      seconds before that (3)
      --messages     that a consumer drains, or fill sends (100000)
      --binary       write binary headers
      --json         print one line of JSON`;

/** Reads the command line; prints the usage and ends the process when it makes no sense. */
export function readBenchArguments(client: string): BenchArguments {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'name-server': { type: 'string', short: 'n', default: '127.0.0.1:9876' },
      topic: { type: 'string', short: 't', default: 'BenchTopic' },
      group: { type: 'string', short: 'g', default: `Bench-${client}` },
      'in-flight': { type: 'string', short: 'w', default: '64' },
      size: { type: 'string', short: 's', default: '128' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string', default: '3' },
      messages: { type: 'string', default: '100000' },
      binary: { type: 'boolean', default: false },
      read: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const [mode] = positionals;
  if (!isMode(mode)) {
    console.error(usage);
    process.exit(2);
  }
  return {
    mode,
    nameServers: values['name-server'],
    topic: values.topic,
    group: values.group,
    inFlight: Number(values['in-flight']),
    bodySize: Number(values.size),
    seconds: Number(values.seconds ?? (mode === 'consumer' ? 120 : 10)),
    warmUp: Number(values['warm-up']),
    messages: Number(values.messages),
    serializeType: values.binary ? 'ROCKETMQ' : 'JSON',
    read: values.read,
    json: values.json,
  };
}

function isMode(mode: string | undefined): mode is BenchMode {
  return modes.some((known) => known === mode);
}

/** Bytes that are no two alike in a row, so that nothing along the way finds them easy. */
export function benchBody(size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, index) => 33 + ((index * 31) % 90)));
}

/** Prints what came out, as JSON or one figure a line. */
export function printResult(
  client: string,
  { mode, inFlight, bodySize, json }: BenchArguments,
  result: object,
): void {
  const all = { client, mode, ...(mode === 'producer' && { inFlight, bodySize }), ...result };
  if (json) console.log(JSON.stringify(all));
  else for (const [name, value] of Object.entries(all)) console.log(`${name.padEnd(26)} ${String(value)}`);
}
