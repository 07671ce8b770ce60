import { setTimeout as delay } from 'node:timers/promises';
import { rawInvoke } from './raw-remoting.ts';

const UPDATE_BROKER_CONFIG = 25;
const GET_BROKER_CLUSTER_INFO = 106;

export interface RegisteredBroker {
  readonly name: string;
  readonly id: number;
  readonly address: string;
}

interface ClusterInfoBody {
  readonly brokerAddrTable?: Readonly<
    Record<string, { readonly brokerAddrs?: Readonly<Record<string, string>> }>
  >;
}

/** fastjson writes number keys bare, as in `{0:"127.0.0.1:10911"}`. Good for names and addresses, no general parser. */
export function parseFastjson(body: Buffer): unknown {
  return JSON.parse(body.toString('utf8').replaceAll(/([{,])(\d+):/g, '$1"$2":'));
}

/** Masters and slaves that a name server lists. */
export async function registeredBrokers(nameServer: string, timeout?: number): Promise<RegisteredBroker[]> {
  const { body } = await rawInvoke(nameServer, { code: GET_BROKER_CLUSTER_INFO }, timeout);
  const info = parseFastjson(body) as ClusterInfoBody;
  return Object.entries(info.brokerAddrTable ?? {}).flatMap(([name, { brokerAddrs = {} }]) =>
    Object.entries(brokerAddrs).map(([id, address]) => ({ name, id: Number(id), address })),
  );
}

/** Writing the key `brokerPermission` is what makes a broker register at once, whatever the value was. */
export async function requestRegistration(broker: string): Promise<void> {
  await rawInvoke(broker, { code: UPDATE_BROKER_CONFIG, body: Buffer.from('brokerPermission=6') });
}

/**
 * Waits until every name server that answers lists the broker. 5.x says "boot success" although it skipped the name
 * servers it had not reached yet, and comes back to them 10 s later: such a broker is asked to register again.
 */
export async function untilRegistered(
  broker: RegisteredBroker,
  nameServers: readonly string[],
): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (let attempt = 1; ; attempt++) {
    const missing = await missingAt(broker, nameServers);
    if (missing.length === 0) return;
    if (Date.now() > deadline)
      throw new Error(`${broker.name} is not registered at ${missing.join(', ')} after 30 s`);
    if (attempt % 10 === 0) await requestRegistration(broker.address);
    await delay(30);
  }
}

async function missingAt(broker: RegisteredBroker, nameServers: readonly string[]): Promise<string[]> {
  const port = broker.address.split(':').at(-1);
  const missing = nameServers.map(async (server) => {
    // One that is stopped or frozen is part of somebody's test.
    const listed = await registeredBrokers(server, 1000).catch(() => undefined);
    const found = listed?.some(
      ({ name, id, address }) => name === broker.name && id === broker.id && address.endsWith(`:${port}`),
    );
    return found === false ? [server] : [];
  });
  return (await Promise.all(missing)).flat();
}
