import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const UPDATE_BROKER_CONFIG = 25;
const GET_BROKER_CLUSTER_INFO = 106;
const INTERVAL = 100;
/** One answer: a server that is up takes a millisecond. */
const ANSWER_TIMEOUT = 2000;

/**
 * Waits until the name server lists a broker at the address; says whether it did within about that time (milliseconds). A 5.x broker may say
 * "boot success" without having registered, and tries again 10 s later: after a second it is asked to do so, by
 * writing the key `brokerPermission` (which is what makes a broker register at once) with the value it has.
 */
export async function untilRegistered(
  nameServer: string,
  broker: { readonly address: string; readonly permission: number },
  timeout: number,
): Promise<boolean> {
  for (let attempt = 1; attempt <= timeout / INTERVAL; attempt++) {
    const info = await exchange(nameServer, GET_BROKER_CLUSTER_INFO).catch(() => '');
    if (info.includes(`"${broker.address}"`)) return true;
    if (attempt % 10 === 0) {
      await exchange(broker.address, UPDATE_BROKER_CONFIG, `brokerPermission=${broker.permission}`).catch(
        () => '',
      );
    }
    await delay(INTERVAL);
  }
  return false;
}

/** Sends one request on a connection of its own and returns the whole answer as text: to look for an address needs no codec. */
async function exchange(address: string, code: number, body = ''): Promise<string> {
  const [host = '', port = ''] = address.split(':');
  const socket = connect({ host, port: Number(port) });
  socket.setTimeout(ANSWER_TIMEOUT, () => socket.destroy(new Error(`${address} does not answer`)));
  socket.write(frame({ code, language: 'OTHER', version: 477, opaque: 1, flag: 0 }, body));
  let received = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    received = Buffer.concat([received, chunk]);
    if (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) break;
  }
  return received.toString('utf8');
}

function frame(header: object, body: string): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.alloc(8);
  lengths.writeInt32BE(4 + json.length + Buffer.byteLength(body), 0);
  lengths.writeInt32BE(json.length, 4);
  return Buffer.concat([lengths, json, Buffer.from(body)]);
}
