import { queueKey, type MessageQueue } from '../../../protocol/model/message-queue.ts';
import { readLocalOffsets, writeLocalOffsets } from '../../../protocol/model/offset-store.ts';
import type { FileAccess } from '../../runtime/file-access.ts';
import { OffsetFileError } from './offset-file-error.ts';

/** Positions by queue key. */
export type OffsetTable = ReadonlyMap<string, readonly [MessageQueue, number]>;

/** Something odd about the file that does not keep its consumer from working. */
export interface OffsetFileOddity {
  /** `damaged`: it could not be read, and its backup was taken. `shared`: another process has written it. */
  readonly kind: 'damaged' | 'shared';
  readonly detail: string;
}

interface Content {
  readonly table: OffsetTable;
  readonly oddity?: OffsetFileOddity | undefined;
}

/**
 * `offsets.json` and `offsets.json.bak`, as Java's clients read and write them: the file before the last is the backup, and
 * counts where the file itself is missing, empty or damaged. Written so that at every moment one of the two is whole. Java: `LocalFileOffsetStore`.
 */
export class OffsetFile {
  readonly path: string;
  readonly #files: FileAccess;
  /** What the file held when we last saw it. */
  #text: string | undefined;
  #table: OffsetTable = new Map();

  constructor(files: FileAccess, path: string) {
    this.#files = files;
    this.path = path;
  }

  /** What was last read or written. */
  get table(): OffsetTable {
    return this.#table;
  }

  /** Reads the file, or its backup. @throws {OffsetFileError} when there is something, and none of it can be used: nothing may be concluded from that. */
  async load(): Promise<OffsetFileOddity | undefined> {
    const text = await this.#read(this.path);
    const backup = isWhole(text) ? undefined : await this.#read(this.#backupPath);
    const { table, oddity } = chooseContent(this.path, text, backup);
    this.#text = text;
    this.#table = table;
    return oddity;
  }

  /** Puts these positions over those of the file. Says so if another process has written it meanwhile; that one's other positions stay. @throws {OffsetFileError} */
  async save(changes: OffsetTable): Promise<OffsetFileOddity | undefined> {
    const before = await this.#read(this.path);
    const content = before === undefined ? undefined : parse(before);
    const isForeign = before !== this.#text && (before ?? '') !== '';
    const table = new Map([...((isForeign ? content : undefined) ?? this.#table), ...changes]);
    const text = writeLocalOffsets([...table.values()]);
    const temporary = `${this.path}.tmp`;
    try {
      await this.#files.write(temporary, text);
      // A damaged file must not take the place of a good backup.
      if (content !== undefined) await this.#files.rename(this.path, this.#backupPath);
      await this.#files.rename(temporary, this.path);
    } catch (error) {
      throw new OffsetFileError(this.path, 'cannot be written', { cause: error });
    }
    this.#text = text;
    this.#table = table;
    return isForeign ? { kind: 'shared', detail: 'another process has written it meanwhile' } : undefined;
  }

  get #backupPath(): string {
    return `${this.path}.bak`;
  }

  async #read(path: string): Promise<string | undefined> {
    try {
      return await this.#files.read(path);
    } catch (error) {
      throw new OffsetFileError(path, 'cannot be read', { cause: error });
    }
  }
}

/** Which of the two counts. Pure. @throws {OffsetFileError} when there is something, and none of it can be used. */
export function chooseContent(path: string, text: string | undefined, backup: string | undefined): Content {
  const table = text === undefined ? undefined : parse(text);
  if (table !== undefined) return { table };
  const saved = backup === undefined ? undefined : parse(backup);
  if (saved !== undefined) {
    // Missing: the last writer was stopped between two renames, which is as it should be.
    const detail = text === '' ? 'it is empty' : 'it is not what it should be';
    return { table: saved, oddity: text === undefined ? undefined : { kind: 'damaged', detail } };
  }
  // An empty file without a backup is that of a Java client which was stopped at its very first write.
  if ((text ?? '') === '' && (backup ?? '') === '') return { table: new Map() };
  throw new OffsetFileError(
    path,
    'is damaged, and so is its backup (.bak) or there is none; repair it, or remove both to begin as a new consumer',
  );
}

const isWhole = (text: string | undefined): boolean => text !== undefined && parse(text) !== undefined;

function parse(text: string): OffsetTable | undefined {
  if (text === '') return undefined;
  try {
    return new Map(readLocalOffsets(text).map(([queue, offset]) => [queueKey(queue), [queue, offset]]));
  } catch {
    return undefined;
  }
}
