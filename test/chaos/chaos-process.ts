import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { PushConsumerOptions } from '../../lib/consumer/push-consumer.ts';
import type { Mode, PopMode } from '../simulation/schedule.ts';

/** How the members of a chaos run consume. */
export type ChaosMode = Mode | Extract<PopMode, 'pop'>;

/** What a process of a chaos run is told when it begins. */
export interface ProcessOrder {
  readonly role: 'consumer' | 'producer' | 'cluster';
  readonly name: string;
  /** File for its history. */
  readonly history: string;
  readonly nameServers: string;
  /** Brokers by their advertised addresses that are reached elsewhere. */
  readonly addressMap?: Readonly<Record<string, string>>;
  readonly topic: string;
  readonly group: string;
  /** Messages per second of a producer. */
  readonly rate?: number;
  /** Of consumers. Default immediate. */
  readonly mode?: ChaosMode;
}

/** What it can be told later. */
export type ProcessCommand =
  | { readonly do: 'end' }
  | { readonly do: 'stopBroker' | 'startBroker' | 'disconnect'; readonly broker: string }
  | { readonly do: 'stopNameServer' | 'startNameServer' };

export type ProcessAnswer =
  { readonly ok: true; readonly nameServers?: string } | { readonly ok: false; readonly error: string };

const PROGRAM = fileURLToPath(new URL('process-main.ts', import.meta.url));

/** A producer, a consumer or an embedded cluster in a process of its own. */
export class ChaosProcess {
  readonly order: ProcessOrder;
  readonly #child: ChildProcess;
  #isOver = false;

  private constructor(order: ProcessOrder, child: ChildProcess) {
    this.order = order;
    this.#child = child;
    child.once('exit', () => (this.#isOver = true));
  }

  /** Resolves when it has begun; with the name servers if it is a cluster. What cannot begin, as while brokers are down, is not left behind. */
  static async spawn(order: ProcessOrder): Promise<{ process: ChaosProcess; nameServers: string }> {
    const child = fork(PROGRAM, [], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const process = new ChaosProcess(order, child);
    const answer = await process.#ask(order).catch(async (error: unknown) => {
      await process.kill();
      throw error;
    });
    return { process, nameServers: answer.ok ? (answer.nameServers ?? '') : '' };
  }

  /** As the brokers list it. */
  get clientId(): string {
    return clientIdOf(this.order.name);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  async tell(command: ProcessCommand): Promise<void> {
    await this.#ask(command);
  }

  /** Ends it in good order. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    const gone = once(this.#child, 'exit');
    this.#child.send({ do: 'end' });
    await gone;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.#isOver) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  async #ask(message: ProcessOrder | ProcessCommand): Promise<ProcessAnswer> {
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error(`${this.order.name} ended`));
      this.#child.once('exit', ended);
      this.#child.once('message', (answer: ProcessAnswer) => {
        this.#child.off('exit', ended);
        if (answer.ok) resolve(answer);
        else reject(new Error(`${this.order.name}: ${answer.error}`));
      });
      this.#child.send(message);
    });
  }
}

/** Brokers of a chaos run keep a lock so long, in ms, in place of 60 s: what a killed member had has to come free while the nemesis is at work. */
export const LOCK_LIFE = 10_000;

/** Renewed every 3 s, and trusted for 4.5 s. */
const LOCK_INTERVAL = 3_000;

/** What a killed member had popped comes again after this, in ms, while the nemesis is at work. Longer than a member is stopped. */
const POP_INVISIBLE = 10_000;

export const MODE_OPTIONS: Readonly<Record<ChaosMode, Partial<PushConsumerOptions>>> = {
  immediate: {},
  locked: { handover: 'locked', lockInterval: LOCK_INTERVAL },
  orderly: { consumeMode: 'orderly', lockInterval: LOCK_INTERVAL, suspendCurrentQueueTimeMillis: 100 },
  pop: {
    messageRequestMode: 'pop',
    popInvisibleTime: POP_INVISIBLE,
    popDelayLevels: [1_000, 2_000],
  },
};

/** Client ids are given, so that the nemesis can name whom it killed. */
export const CLIENT_IP = '10.1.1.1';
export const clientIdOf = (name: string): string => `${CLIENT_IP}@${name}`;
