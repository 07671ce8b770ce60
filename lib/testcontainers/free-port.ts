import { createServer } from 'node:net';

/** Below the ports that systems hand out to outgoing connections (from 32768 on Linux, from 49152 elsewhere). */
const FIRST = 20_000;
const LAST = 32_000;
const ATTEMPTS = 200;

/** A port that is free on this machine, as are the ports at the given distances from it. */
export async function freePort(distances: readonly number[] = []): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    const free = await Promise.all([0, ...distances].map((distance) => isFree(port + distance)));
    if (free.every(Boolean)) return port;
  }
  throw new Error(`no free port found between ${FIRST} and ${LAST} in ${ATTEMPTS} attempts`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
