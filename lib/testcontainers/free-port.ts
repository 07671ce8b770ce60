import type { ChannelHandler } from '../remoting/transport.ts';
import { TcpTransport } from '../remoting/tcp-transport.ts';
import { randomInteger, systemRandom } from '../runtime/random.ts';

/** Below the ports that systems hand out to outgoing connections (from 32768 on Linux, from 49152 elsewhere). */
const first = 20_000;
const last = 32_000;
const attempts = 200;

const unused: ChannelHandler = { onData: () => {}, onDrain: () => {}, onClose: () => {} };

/** A port that is free on this machine, as are the ports at the given distances from it. */
export async function freePort(distances: readonly number[] = []): Promise<number> {
  const transport = new TcpTransport();
  const isFree = async (port: number): Promise<boolean> => {
    try {
      const listening = await transport.listen('0.0.0.0', port, () => unused);
      await listening.close();
      return true;
    } catch {
      return false;
    }
  };
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = first + randomInteger(systemRandom, last - first);
    const free = await Promise.all([0, ...distances].map(async (distance) => isFree(port + distance)));
    if (free.every(Boolean)) return port;
  }
  throw new Error(`no free port found between ${first} and ${last} in ${attempts} attempts`);
}
