import type { FileAccess } from '../../lib/runtime/file-access.ts';

/** Files that are only in memory, and may be made to fail: of a `write` that fails half the text is there. */
export class MemoryFiles implements FileAccess {
  readonly texts: Map<string, string>;
  /** What was done, in order: `write PATH`, `rename FROM TO`. */
  readonly changes: string[] = [];
  /** So many changes succeed, the one after that does not. */
  allowed = Number.POSITIVE_INFINITY;
  /** Paths that cannot be read. */
  readonly unreadable = new Set<string>();

  constructor(texts: Iterable<readonly [string, string]> = []) {
    this.texts = new Map(texts);
  }

  async read(path: string): Promise<string | undefined> {
    if (this.unreadable.has(path)) throw new Error(`EACCES: permission denied, open '${path}'`);
    return this.texts.get(path);
  }

  async write(path: string, text: string): Promise<void> {
    const isAllowed = this.#isAllowed(`write ${path}`);
    this.texts.set(path, isAllowed ? text : text.slice(0, text.length >> 1));
    if (!isAllowed) throw new Error('ENOSPC: no space left on device, write');
  }

  async rename(from: string, to: string): Promise<void> {
    if (!this.#isAllowed(`rename ${from} ${to}`)) throw new Error('EIO: i/o error, rename');
    const text = this.texts.get(from);
    if (text === undefined) throw new Error(`ENOENT: no such file or directory, rename '${from}'`);
    this.texts.delete(from);
    this.texts.set(to, text);
  }

  #isAllowed(change: string): boolean {
    if (this.allowed-- <= 0) return false;
    this.changes.push(change);
    return true;
  }
}
