import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { RemotingServer } from '../../lib/remoting/remoting-server.ts';
import { TcpTransport } from '../../lib/remoting/tcp-transport.ts';
import { systemClock } from '../../lib/runtime/clock.ts';
import { Commands } from '../../protocol/commands/index.ts';
import { CommandFlag, isOneway } from '../../protocol/remoting-command.ts';

/** What the benchmark asks the cluster's process. */
export type Question = 'start' | 'cpu' | 'stop';

/** What it answers: where the cluster is, and the floor, or its CPU so far in µs. */
export interface Reply {
  readonly nameServers?: string;
  readonly floor?: string;
  readonly cpu?: number;
}

let cluster: EmbeddedCluster | undefined;

/** What cannot be undercut: looks over the header of a request, reads nothing of it, stores nothing, and says each time that it was stored. */
const floor = new RemotingServer({
  transport: new TcpTransport(),
  clock: systemClock,
  onRequest: (connection, command) => {
    if (isOneway(command)) return;
    connection.send({
      code: 0,
      language: 'JAVA',
      version: 0,
      opaque: command.opaque,
      flag: CommandFlag.response,
      headerType: Commands.sendMessage.response,
      header: stored,
      serializeType: command.serializeType,
    });
  },
});
const stored = {
  msgId: '7F00000100002A9F0000000000000000',
  queueId: 0,
  queueOffset: 0,
  transactionId: '7F0000010001000000000000000000000000',
  batchUniqId: undefined,
  recallHandle: undefined,
  regionId: 'DefaultRegion',
  traceOn: true,
};

async function answer(question: Question): Promise<Reply> {
  if (question === 'start') {
    cluster = await EmbeddedCluster.start({
      topics: { Bench: 4 },
      memoryLimit: 512 * 1024 * 1024,
    });
    return { nameServers: cluster.nameServers, floor: await floor.listen('127.0.0.1', 0) };
  }
  if (question === 'stop') {
    await Promise.all([cluster?.shutdown(), floor.close()]);
    process.disconnect();
    return {};
  }
  const { user, system } = process.cpuUsage();
  return { cpu: user + system };
}

process.on('message', (question: Question) => {
  void answer(question).then((reply) => {
    if (process.connected) process.send?.(reply);
  });
});
