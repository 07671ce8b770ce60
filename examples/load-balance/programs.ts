import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A program of this folder that runs as a process of its own. */
export interface Program {
  readonly child: ChildProcess;
  /** Resolves when it has ended. */
  readonly ended: Promise<unknown>;
}

/** Programs of this folder, and what they print, which is printed here too. */
export class Programs {
  readonly #env: NodeJS.ProcessEnv;
  readonly #children: ChildProcess[] = [];
  readonly #lines: string[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** Number of lines that were printed so far. */
  get length(): number {
    return this.#lines.length;
  }

  start(file: string, ...args: string[]): Program {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const child = fork(path, args, { env: this.#env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    this.#children.push(child);
    if (child.stdout !== null) createInterface(child.stdout).on('line', (line) => this.#print(line));
    return { child, ended: once(child, 'exit') };
  }

  /** Resolves when all these texts were printed by any program, from line `from` on. */
  async print(texts: readonly string[], from = 0): Promise<void> {
    const missing = (): string[] =>
      texts.filter((text) => !this.#lines.slice(from).some((line) => line.includes(text)));
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (missing().length > 0) return;
        this.#listeners.delete(look);
        clearTimeout(timer);
        resolve();
      };
      const giveUp = (): void => reject(new Error(`Nobody printed: ${missing().join(', ')}`));
      const timer = setTimeout(giveUp, 60_000);
      this.#listeners.add(look);
      look();
    });
  }

  /** Ends those that still run. */
  kill(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  #print(line: string): void {
    console.log(line);
    this.#lines.push(line);
    for (const look of this.#listeners) look();
  }
}
