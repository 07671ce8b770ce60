import { createServer } from 'node:net';

/** Below the range from which systems hand out ports to outgoing connections (32768 on Linux, 49152 elsewhere). */
const FIRST = 20_000;
const LAST = 32_000;

const taken = new Set<number>();

/** A port that was free on 127.0.0.1 a moment ago, and that this process does not get a second time. */
export async function freePort(): Promise<number> {
  return reserve([0]);
}

/** A port for a broker: `listenPort` itself, the fast port two below, and the replication port one above. */
export async function freeBrokerPort(): Promise<number> {
  return reserve([-2, 0, 1]);
}

async function reserve(offsets: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    const wanted = offsets.map((offset) => port + offset);
    if (wanted.some((candidate) => taken.has(candidate))) continue;
    for (const candidate of wanted) taken.add(candidate);
    const free = await Promise.all(wanted.map(isFree));
    if (free.every(Boolean)) return port;
  }
  throw new Error(`no free port found on 127.0.0.1 between ${FIRST} and ${LAST}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    // The wildcard address: a Java server binds that, and it fails if any one address has the port.
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
