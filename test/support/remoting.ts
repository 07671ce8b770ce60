import { RemotingClient } from '../../lib/remoting/remoting-client.ts';
import { TcpTransport } from '../../lib/remoting/tcp-transport.ts';
import { systemClock } from '../../lib/runtime/clock.ts';
import { systemRandom } from '../../lib/runtime/random.ts';
import { Commands } from '../../protocol/commands/index.ts';

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

/** Address of the first master that has a topic. */
export async function brokerOf(
  remoting: RemotingClient,
  nameServers: string,
  topic: string,
): Promise<string> {
  const [nameServer = ''] = nameServers.split(';');
  const { body } = await remoting.invoke(nameServer, Commands.getRouteInfoByTopic, { topic }, undefined);
  const address = body.brokerDatas[0]?.brokerAddrs.get(0);
  if (address === undefined) throw new Error(`No broker has the topic ${topic}`);
  return address;
}
