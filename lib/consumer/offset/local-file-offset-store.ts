import { queueKey, type MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { FileAccess } from '../../runtime/file-access.ts';
import { within } from '../../runtime/within.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import { OffsetFile, type OffsetFileOddity } from './offset-file.ts';
import { OffsetFileError } from './offset-file-error.ts';
import type { OffsetStore } from '../../options/offset-store.ts';
import { defaultOffsetFolder, offsetPath, systemFiles } from './system-files.ts';

/** A commit waits for the disk no longer than this, in ms; the write goes on, and the next commit makes up for it. */
const WRITE_TIMEOUT = 5_000;

/** Paths that members of this process write to. Two on one path would each undo what the other has committed. */
const taken = new WeakMap<FileAccess, Set<string>>();

/**
 * Positions of a broadcasting member in a local file, Java's own. What is committed in one turn is one write, and one write is under way at a
 * time. Positions of queues that are not owned any more stay: their broker may only be away for a while. Java: `LocalFileOffsetStore`.
 */
export class LocalFileOffsetStore implements OffsetStore {
  readonly #consumer: ConsumerContext;
  readonly #files: FileAccess;
  readonly #file: OffsetFile;
  /** What this member has committed. */
  readonly #committed = new Map<string, readonly [MessageQueue, number]>();
  #isOpen = false;
  /** The write under way, and the one that waits for it and takes what is committed meanwhile. */
  #writing: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  readonly #said = new Set<OffsetFileOddity['kind']>();

  constructor(consumer: ConsumerContext) {
    const { options, clientId, consumerGroup } = consumer;
    this.#consumer = consumer;
    this.#files = options.environment?.files ?? systemFiles;
    const folder = options.localOffsetStoreDir ?? defaultOffsetFolder();
    this.#file = new OffsetFile(this.#files, offsetPath(folder, clientId, consumerGroup));
  }

  /** @throws {OffsetFileError} when the file cannot be read, or another member of this process writes to it. */
  async open(): Promise<void> {
    const { path } = this.#file;
    const paths = taken.get(this.#files) ?? new Set();
    taken.set(this.#files, paths);
    if (paths.has(path)) {
      const advice = 'give each an instanceName or a localOffsetStoreDir of its own';
      throw new OffsetFileError(path, `belongs to another member of this process; ${advice}`);
    }
    paths.add(path);
    this.#isOpen = true;
    this.#say(await this.#file.load());
  }

  async read(queue: MessageQueue): Promise<number | undefined> {
    const key = queueKey(queue);
    return (this.#committed.get(key) ?? this.#file.table.get(key))?.[1];
  }

  async write(queue: MessageQueue, offset: number): Promise<void> {
    this.#committed.set(queueKey(queue), [queue, offset]);
    if (await within(this.#consumer.clock, WRITE_TIMEOUT, this.#write())) return;
    throw new OffsetFileError(this.#file.path, `was not written within ${WRITE_TIMEOUT} ms`);
  }

  /** Waits for the write under way, and lets others have the file. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await within(
      this.#consumer.clock,
      WRITE_TIMEOUT,
      (this.#waiting ?? this.#writing).catch(() => {}),
    );
    taken.get(this.#files)?.delete(this.#file.path);
  }

  /** One write for all that ask before it begins. */
  async #write(): Promise<void> {
    this.#waiting ??= this.#writing
      .catch(() => {})
      .then(async () => {
        this.#writing = this.#waiting ?? Promise.resolve();
        this.#waiting = undefined;
        this.#say(await this.#file.save(this.#committed));
      });
    await this.#waiting;
  }

  #say(oddity: OffsetFileOddity | undefined): void {
    if (oddity === undefined || this.#said.has(oddity.kind)) return;
    this.#said.add(oddity.kind);
    const { path } = this.#file;
    const text = {
      damaged: `Offset file ${path} cannot be used, ${oddity.detail}; the positions are those of its backup`,
      shared: `Offset file ${path} has two writers, ${oddity.detail}; give each member an instanceName of its own, or messages may be missed after a restart`,
    };
    const kind = oddity.kind === 'damaged' ? 'offsetFileDamaged' : 'offsetFileShared';
    this.#consumer.emit('warning', { kind, path, message: text[oddity.kind] });
  }
}
