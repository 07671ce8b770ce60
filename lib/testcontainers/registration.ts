import { Commands } from '../../protocol/commands/index.ts';
import { RemotingClient } from '../remoting/remoting-client.ts';
import { TcpTransport } from '../remoting/tcp-transport.ts';
import { systemClock } from '../runtime/clock.ts';
import { systemRandom } from '../runtime/random.ts';

/** Milliseconds. */
const interval = 100;
/** Far more than an up-to-date broker needs to register after "boot success". */
const patience = 1_000;
const timeout = 20_000;

/**
 * Waits until the name server lists a broker at the address; says whether it did within 20 s. A 5.x broker may say
 * "boot success" without having registered and come back to it 10 s later: after a second `remind` is called, once.
 */
export async function untilRegistered(
  nameServer: string,
  broker: string,
  remind: () => Promise<unknown>,
): Promise<boolean> {
  await using remoting = new RemotingClient({
    transport: new TcpTransport(),
    clock: systemClock,
    random: systemRandom,
  });
  const begin = systemClock.uptime();
  for (let reminded = false; systemClock.uptime() - begin < timeout; await systemClock.sleep(interval)) {
    if (await isListed(remoting, nameServer, broker)) return true;
    if (!reminded && systemClock.uptime() - begin > patience) {
      reminded = true;
      await remind();
    }
  }
  return false;
}

async function isListed(remoting: RemotingClient, nameServer: string, broker: string): Promise<boolean> {
  try {
    const { body } = await remoting.invoke(nameServer, Commands.getBrokerClusterInfo, {}, undefined);
    return [...body.brokerAddrTable.values()].some(({ brokerAddrs }) =>
      [...brokerAddrs.values()].includes(broker),
    );
  } catch {
    // The port is published before anything behind it listens.
    return false;
  }
}
