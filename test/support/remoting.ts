import { RemotingClient } from '../../lib/remoting/remoting-client.ts';
import { TcpTransport } from '../../lib/remoting/tcp-transport.ts';
import { systemClock } from '../../lib/runtime/clock.ts';
import { systemRandom } from '../../lib/runtime/random.ts';

/** Speaks to servers directly: for what no client would do. */
export async function withRemoting<T>(work: (remoting: RemotingClient) => Promise<T>): Promise<T> {
  const remoting = new RemotingClient({
    transport: new TcpTransport(),
    clock: systemClock,
    random: systemRandom,
  });
  try {
    return await work(remoting);
  } finally {
    await remoting.close();
  }
}
