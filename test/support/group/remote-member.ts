import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { MemberOptions, MortalSeat } from './member.ts';

export type MemberCommand =
  | { readonly id: number; readonly do: 'join'; readonly options: MemberOptions }
  | { readonly id: number; readonly do: 'leave' };

/** The answer with id 0 means that the process is ready. */
export interface MemberAnswer {
  readonly id: number;
  readonly clientId?: string;
  readonly error?: string;
}

interface Waiting {
  readonly resolve: (answer: MemberAnswer) => void;
  readonly reject: (error: Error) => void;
}

const PROGRAM = fileURLToPath(new URL('member-process.ts', import.meta.url));

/** A member in a process of its own. Spawned ahead of its use: loading takes half a second, joining does not. */
export class RemoteMember implements MortalSeat, AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (answer: MemberAnswer) => this.#settle(answer));
    child.once('exit', (code, signal) => {
      const error = new Error(`member process ${child.pid} ended (${signal ?? code})`);
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    });
  }

  /** Resolves when the process has loaded the client. */
  static async spawn(): Promise<RemoteMember> {
    const child = fork(PROGRAM, [], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const member = new RemoteMember(child);
    await member.#answer(0);
    return member;
  }

  async join(options: MemberOptions): Promise<string> {
    const { clientId } = await this.#ask({ id: ++this.#lastId, do: 'join', options });
    return clientId ?? '';
  }

  async leave(): Promise<void> {
    await this.#ask({ id: ++this.#lastId, do: 'leave' });
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #ask(command: MemberCommand): Promise<MemberAnswer> {
    const answer = this.#answer(command.id);
    this.#child.send(command);
    return answer;
  }

  async #answer(id: number): Promise<MemberAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
  }

  #settle(answer: MemberAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.error === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(answer.error));
  }
}
