import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A program of `examples/` as a process of its own, and what it prints. */
export class Example implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly child: ChildProcess;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  readonly #listeners = new Set<() => void>();

  /** @param path below `examples/` */
  constructor(path: string, args: readonly string[] = []) {
    const file = fileURLToPath(new URL(`../../examples/${path}`, import.meta.url));
    this.child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.ended = once(this.child, 'exit').then(
      ([code, signal]: (number | string | null)[]) => code ?? signal ?? '',
    );
    for (const output of [this.child.stdout, this.child.stderr]) {
      if (output === null) throw new Error('The example has no output');
      createInterface(output).on('line', (line) => {
        this.lines.push(line);
        for (const look of this.#listeners) look();
      });
    }
  }

  /** Resolves when `count` lines hold the text; rejects when the process ends before, with what it printed. */
  async printed(text: string, count = 1): Promise<void> {
    const isThere = (): boolean => this.lines.filter((line) => line.includes(text)).length >= count;
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (!isThere()) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
      look();
      void this.ended.then((code) => {
        const output = this.lines.join('\n');
        reject(new Error(`It ended with ${code} and never printed ${JSON.stringify(text)}:\n${output}`));
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
