import { lookup } from 'node:dns/promises';

import type { Environment } from '../options/client.ts';
import { TcpTransport } from '../remoting/tcp-transport.ts';
import { systemClock } from '../runtime/clock.ts';
import { systemRandom } from '../runtime/random.ts';

/** The real world: the computer's clock, TCP, the system's name resolution, HTTP. */
export const systemEnvironment: Environment = {
  clock: systemClock,
  random: systemRandom,
  transport: new TcpTransport(),
  async resolve(host) {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  },
  async fetchText(url, signal) {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`${url} answered ${response.status} ${response.statusText}`);
    return response.text();
  },
};
