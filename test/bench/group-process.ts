import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import { reapProcess } from '../support/real/reaper.ts';
import type { MemberArguments, MemberLine } from './member-lines.ts';

/** How the members of one client are started. */
export interface MemberProgram {
  readonly client: string;
  readonly command: (args: MemberArguments, name: string) => readonly string[];
}

/** A member in a process of its own. */
export class GroupProcess {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly spawnedAt = Date.now();
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #closed: Promise<unknown>;
  #started = false;
  #errors = '';

  constructor(
    { command }: MemberProgram,
    args: MemberArguments,
    name: string,
    hear: (line: MemberLine) => void,
  ) {
    this.name = name;
    const [file = '', ...rest] = command(args, name);
    this.#child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
    reapProcess(this.#child);
    this.#closed = once(this.#child, 'close');
    this.#child.stdin.on('error', () => {
      // It was gone before it could be asked to leave.
    });
    this.#child.stderr
      .setEncoding('utf8')
      .on('data', (chunk: string) => (this.#errors = (this.#errors + chunk).slice(-4000)));
    createInterface({ input: this.#child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as MemberLine;
      if (line.event === 'started') this.#started = true;
      hear(line);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get started(): boolean {
    return this.#started;
  }

  /** What it wrote to stderr last. */
  get errors(): string {
    return this.#errors;
  }

  /** Asks it to leave in good order. */
  stop(): void {
    this.#child.stdin.end('stop\n');
  }

  /** SIGKILL. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Resolves when it is gone, and everything it said was heard. */
  async gone(): Promise<void> {
    await this.#closed;
  }
}
