import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const GET_BROKER_CLUSTER_INFO = 106;
const INTERVAL = 100;
/** One answer: a name server that is up takes a millisecond. */
const ANSWER_TIMEOUT = 2000;

/** Waits until the name server lists a broker at the address; says whether it did within the time. */
export async function untilRegistered(nameServer: string, broker: string, timeout: number): Promise<boolean> {
  const deadline = Date.now() + timeout;
  while (Date.now() < deadline) {
    const info = await clusterInfo(nameServer).catch(() => '');
    if (info.includes(`"${broker}"`)) return true;
    await delay(INTERVAL);
  }
  return false;
}

/** The body of a GET_BROKER_CLUSTER_INFO answer, as text: looking an address up in it needs no codec. */
async function clusterInfo(nameServer: string): Promise<string> {
  const [host = '', port = ''] = nameServer.split(':');
  const socket = connect({ host, port: Number(port) });
  socket.setTimeout(ANSWER_TIMEOUT, () => socket.destroy(new Error(`${nameServer} does not answer`)));
  socket.write(frame({ code: GET_BROKER_CLUSTER_INFO, language: 'OTHER', version: 477, opaque: 1, flag: 0 }));
  let received = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    received = Buffer.concat([received, chunk]);
    if (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) break;
  }
  return received.toString('utf8');
}

function frame(header: object): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.alloc(8);
  lengths.writeInt32BE(4 + json.length, 0);
  lengths.writeInt32BE(json.length, 4);
  return Buffer.concat([lengths, json]);
}
