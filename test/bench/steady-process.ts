/** A steady producer in a process of its own: told where, what and how fast, sends until it is told to stop, and answers the keys that were acknowledged. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SteadyProducer } from '../support/group/steady-producer.ts';

/** What the process is told first. */
interface Order {
  readonly nameServers: string;
  readonly topic: string;
  readonly rate: number;
}

/** Sends under way at most. */
const IN_FLIGHT = 500;

const PROGRAM = fileURLToPath(import.meta.url);

/** The process, seen from outside. */
export class SteadyProcess implements AsyncDisposable {
  readonly #child = fork(PROGRAM, ['--producer'], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });

  /** Resolves when it sends. */
  async start(order: Order): Promise<void> {
    const begun = once(this.#child, 'message');
    this.#child.send(order);
    await begun;
  }

  /** The keys of all acknowledged messages; nothing is sent any more. */
  async stop(): Promise<readonly string[]> {
    const answer = once(this.#child, 'message');
    this.#child.send('stop');
    const [keys] = (await answer) as [readonly string[]];
    return keys;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

if (process.argv[2] === '--producer') {
  let producer: SteadyProducer | undefined;
  process.on('message', (message: Order | 'stop') => {
    if (message === 'stop') {
      void producer?.stop().then(() => process.send?.([...(producer?.acknowledged.keys() ?? [])]));
      return;
    }
    producer = new SteadyProducer(message.nameServers, message.topic, message.rate, IN_FLIGHT);
    void producer.start().then(() => process.send?.('begun'));
  });
  process.once('disconnect', () => process.exit());
}
