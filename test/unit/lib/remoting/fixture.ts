import { MemoryNetwork } from '../../../../lib/remoting/memory-transport.ts';
import { RemotingClient } from '../../../../lib/remoting/remoting-client.ts';
import type { RemotingClientOptions } from '../../../../lib/remoting/remoting-client.ts';
import { RemotingServer } from '../../../../lib/remoting/remoting-server.ts';
import type { ServerConnection } from '../../../../lib/remoting/remoting-server.ts';
import { seededRandom } from '../../../../lib/runtime/random.ts';
import type { OutgoingCommand } from '../../../../protocol/frame.ts';
import { SerializeType } from '../../../../protocol/remoting-command.ts';
import type { RemotingCommand } from '../../../../protocol/remoting-command.ts';
import { bytes, none } from '../../../../protocol/schema/body.ts';
import { command } from '../../../../protocol/schema/command.ts';
import { string } from '../../../../protocol/schema/field.ts';
import { header } from '../../../../protocol/schema/header.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

/** A request that a server answers with what it was given. */
export const echo = command({
  code: 7_001,
  name: 'ECHO',
  servedBy: 'broker',
  request: header('EchoRequestHeader', { text: string() }),
  response: header('EchoResponseHeader', { text: string() }),
  requestBody: bytes,
  responseBody: bytes,
  idempotent: true,
});

/** A request that servers make of clients. */
export const notice = command({
  code: 7_002,
  name: 'NOTICE',
  servedBy: 'client',
  request: header('NoticeHeader', { group: string() }),
  response: header('NoticeResponseHeader', { heard: string().optional() }),
  requestBody: none,
  responseBody: none,
});

export const nothing = Buffer.alloc(0);

/** The answer to a request, with the request's fields and body unless others are given. */
export function answerTo(request: RemotingCommand, parts: Partial<OutgoingCommand> = {}): OutgoingCommand {
  const { opaque, extFields, body } = request;
  const common = { language: 'JAVA', version: 479, flag: 1, serializeType: SerializeType.JSON } as const;
  return { ...common, code: 0, opaque, extFields, body, ...parts };
}

export interface World {
  readonly clock: FakeClock;
  readonly network: MemoryNetwork;
  readonly client: RemotingClient;
  readonly server: RemotingServer;
  /** Where the server listens. */
  readonly address: string;
  /** Requests that the server has received, in order. */
  readonly received: RemotingCommand[];
  readonly connections: ServerConnection[];
  /** Events of the client, in order. */
  readonly events: string[];
}

export type Respond = (connection: ServerConnection, request: RemotingCommand) => void;

/** Answers a request with its own content. */
export const respondEcho: Respond = (connection, request) => connection.send(answerTo(request));

/** Never answers. */
export const ignore: Respond = () => {};

export const address = '10.0.0.1:10911';

/** A client and a server in one process, under a clock that stands still. */
export async function createWorld(
  respond: Respond = respondEcho,
  options: Partial<RemotingClientOptions> = {},
  latency?: () => number,
): Promise<World> {
  const clock = new FakeClock();
  const network = new MemoryNetwork({ clock, latency });
  const received: RemotingCommand[] = [];
  const connections: ServerConnection[] = [];
  const events: string[] = [];
  const server = new RemotingServer({
    transport: network,
    clock,
    onOpen: (connection) => connections.push(connection),
    onRequest(connection, request) {
      received.push(request);
      respond(connection, request);
    },
  });
  await server.listen('10.0.0.1', 10_911);
  const client = new RemotingClient({ transport: network, clock, random: seededRandom(1), ...options });
  client.on('connected', ({ address: of }) => events.push(`connected ${of}`));
  client.on('disconnected', ({ address: of }) => events.push(`disconnected ${of}`));
  client.on('stray', ({ opaque, code }) => events.push(`stray ${opaque} ${code}`));
  return { clock, network, client, server, address, received, connections, events };
}

/** The error that a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('Expected a rejection');
}
