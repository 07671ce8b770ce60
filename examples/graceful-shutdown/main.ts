// A service is stopped while it works: npx tsx examples/graceful-shutdown/main.ts [--namesrv host:port]
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { Producer } from '../../lib/index.ts';
import { orderCount, orderTopic, receiptTopic } from './names.ts';

const { values } = parseArgs({ options: { namesrv: { type: 'string' } } });
const topics = { [orderTopic]: 4, [receiptTopic]: 4 };
const cluster = values.namesrv === undefined ? await EmbeddedCluster.start({ topics }) : undefined;
const nameServers = values.namesrv ?? cluster?.nameServers ?? '127.0.0.1:9876';
const consumerGroup = `ShutdownExample_${Date.now().toString(36)}`;
const run = Date.now().toString(36);

const begun: string[] = [];
const done: string[] = [];
const services: ChildProcess[] = [];

/** Starts the service; `onLine` sees what it prints, which is printed here too. */
function startService(name: string, onLine: (line: string, child: ChildProcess) => void): Promise<unknown[]> {
  const child = fork(new URL('service.ts', import.meta.url), [nameServers, consumerGroup], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  services.push(child);
  if (child.stdout === null) throw new Error('The service has no output');
  createInterface(child.stdout).on('line', (line) => {
    console.log(`[${name}] ${line}`);
    const [what, order] = line.split(' ');
    if (order?.startsWith(run) && what === 'begun') begun.push(order);
    if (order?.startsWith(run) && what === 'done') done.push(order);
    onLine(line, child);
  });
  return once(child, 'exit', { signal: AbortSignal.timeout(60_000) });
}

const producer = new Producer({ nameServers, producerGroup: 'ShutdownExampleProducer' });
try {
  await producer.start();
  for (let i = 0; i < orderCount; i++) await producer.send({ topic: orderTopic, body: `${run}-${i}` });

  let isStopping = false;
  const [code] = await startService('first', (_line, child) => {
    if (begun.length < 8 || isStopping) return;
    isStopping = true;
    console.log('\nThe first service is stopped (SIGTERM) in the middle of its work.\n');
    child.kill('SIGTERM');
  });
  console.log(
    `\nIt ended with ${String(code)}: ${begun.length} orders begun, ${done.length} done. Another takes over.\n`,
  );

  const [second] = await startService('second', (line, child) => {
    if (line.startsWith('done') && done.length === orderCount) child.kill('SIGTERM');
  });
  const isRight =
    code === 0 && second === 0 && done.length === orderCount && new Set(done).size === orderCount;
  console.log(
    isRight ? '\nAs it should be: each order was done once.' : `\nNot as it should be: ${done.join(' ')}`,
  );
  process.exitCode = isRight ? 0 : 1;
} finally {
  for (const child of services) child.kill('SIGKILL');
  await producer.shutdown();
  await cluster?.shutdown();
}
