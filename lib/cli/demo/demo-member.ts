import { fork, type ChildProcess } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { systemClock } from '../../runtime/clock.ts';
import { deferred } from '../../runtime/deferred.ts';
import { within } from '../../runtime/within.ts';
import type { MemberMessage, MemberOrder, MemberSettings } from './member-messages.ts';

/** For a member to leave by itself before it is killed, in ms. */
const LEAVE = 5_000;

/** As much of what a process says on stderr is kept for the error message. */
const KEPT_TEXT = 2_000;

/** Source and build differ in the extension alone. */
const program = fileURLToPath(
  new URL(`member-process${extname(fileURLToPath(import.meta.url))}`, import.meta.url),
);

/** A consumer in a process of its own, seen from its parent. */
export class DemoMember {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #exited = deferred();
  readonly #failed = deferred<never>();
  #expected = false;
  #said = '';

  constructor(settings: MemberSettings, onMessage: (message: MemberMessage) => void) {
    this.name = settings.instanceName;
    this.#child = fork(program, [JSON.stringify(settings)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child.on('message', (message) => {
      if ((message as MemberMessage).kind === 'failed') this.#fail((message as { reason: string }).reason);
      else onMessage(message as MemberMessage);
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString()).slice(-KEPT_TEXT);
    });
    this.#child.on('error', (error) => this.#fail(error.message));
    this.#child.on('exit', (code, signal) => {
      this.#exited.resolve();
      if (!this.#expected)
        this.#fail(`it ended with ${signal ?? code}${this.#said && `: ${this.#said.trim()}`}`);
    });
    // Whoever is interested has the promise; a failure that nobody waits for any more is none.
    this.#failed.promise.catch(() => {});
  }

  /** Rejects when the process ends though nobody wanted it to. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isGone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Ends the process on the spot, as a crash or a lack of memory would. */
  kill(): void {
    this.#expected = true;
    this.#child.kill('SIGKILL');
  }

  /** Has the consumer leave its group, and resolves when the process has ended. */
  async leave(): Promise<void> {
    this.#expected = true;
    if (this.isGone) return;
    const order: MemberOrder = { kind: 'leave' };
    if (this.#child.connected) this.#child.send(order, () => {});
    if (await within(systemClock, LEAVE, this.#exited.promise)) return;
    this.kill();
    await this.#exited.promise;
  }

  #fail(reason: string): void {
    this.#failed.reject(new Error(`${this.name} failed: ${reason}`));
  }
}
