import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';
import { describe, it } from 'mocha';

import { OffsetFileError } from '../../../../../lib/consumer/offset/offset-file-error.ts';
import { OffsetFile, type OffsetTable } from '../../../../../lib/consumer/offset/offset-file.ts';
import { offsetPath, systemFiles } from '../../../../../lib/consumer/offset/system-files.ts';
import type { FileAccess } from '../../../../../lib/runtime/file-access.ts';
import { queueKey } from '../../../../../protocol/model/message-queue.ts';
import { writeLocalOffsets } from '../../../../../protocol/model/offset-store.ts';
import { MemoryFiles } from '../../../../support/memory-files.ts';

const PATH = '/offsets.json';
const BACKUP = '/offsets.json.bak';

const queue = (queueId: number) => ({ topic: 'Topic', brokerName: 'broker-a', queueId });

const tableOf = (offsets: readonly number[]): OffsetTable =>
  new Map(offsets.map((offset, id) => [queueKey(queue(id)), [queue(id), offset]]));

const textOf = (...offsets: number[]): string => writeLocalOffsets([...tableOf(offsets).values()]);

const offsetsIn = ({ table }: OffsetFile): number[] => [...table.values()].map(([, offset]) => offset);

async function load(files: FileAccess) {
  const file = new OffsetFile(files, PATH);
  const oddity = await file.load();
  return { file, oddity: oddity?.kind, offsets: offsetsIn(file) };
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('OffsetFile', () => {
  it('is empty when there is nothing', async () => {
    const { offsets, oddity } = await load(new MemoryFiles());
    expect([offsets, oddity]).to.deep.equal([[], undefined]);
  });

  it('writes what Java writes, and keeps the text before it as the backup', async () => {
    const files = new MemoryFiles();
    const { file } = await load(files);
    await file.save(tableOf([5, 6]));
    expect(files.texts.get(PATH)).to.equal(textOf(5, 6));
    expect(files.texts.has(BACKUP)).to.equal(false);
    await file.save(tableOf([7, 8]));
    expect([...files.texts]).to.have.deep.members([
      [PATH, textOf(7, 8)],
      [BACKUP, textOf(5, 6)],
    ]);
  });

  it('makes the new text safe before it touches the old one', async () => {
    const files = new MemoryFiles([[PATH, textOf(1)]]);
    const { file } = await load(files);
    await file.save(tableOf([2]));
    expect(files.changes).to.deep.equal([
      `write ${PATH}.tmp`,
      `rename ${PATH} ${BACKUP}`,
      `rename ${PATH}.tmp ${PATH}`,
    ]);
  });

  it('leaves the old or the new positions wherever it is stopped', async () => {
    for (const before of [
      [[PATH, textOf(1)]],
      [
        [PATH, textOf(1)],
        [BACKUP, textOf(0)],
      ],
      [[BACKUP, textOf(1)]],
    ] as const) {
      for (let steps = 0; steps <= 3; steps++) {
        const files = new MemoryFiles(before);
        const { file } = await load(files);
        files.allowed = steps;
        const error = await failure(file.save(tableOf([2])));
        if (error !== undefined) expect(error).to.be.instanceOf(OffsetFileError);
        files.allowed = Number.POSITIVE_INFINITY;
        const { offsets, oddity } = await load(files);
        expect([offsets, oddity], `stopped after ${steps} steps`).to.deep.equal([
          error === undefined ? [2] : [1],
          undefined,
        ]);
      }
    }
  });

  it('writes again after a failed write', async () => {
    const files = new MemoryFiles([[PATH, textOf(1)]]);
    const { file } = await load(files);
    files.allowed = 2;
    expect(await failure(file.save(tableOf([2])))).to.be.instanceOf(OffsetFileError);
    files.allowed = 9;
    await file.save(tableOf([3]));
    expect((await load(files)).offsets).to.deep.equal([3]);
    expect(files.texts.get(BACKUP)).to.equal(textOf(1));
  });

  it('takes the backup when the file is missing, empty or damaged, and says so of damage', async () => {
    const cases: readonly (readonly [string | undefined, string | undefined])[] = [
      [undefined, undefined],
      ['', 'damaged'],
      [textOf(3).slice(0, -4), 'damaged'],
      ['[1, 2]', 'damaged'],
    ];
    for (const [text, expected] of cases) {
      const files = new MemoryFiles([
        [BACKUP, textOf(2)],
        ...(text === undefined ? [] : [[PATH, text] as const]),
      ]);
      const { offsets, oddity } = await load(files);
      expect([offsets, oddity], String(text)).to.deep.equal([[2], expected]);
    }
  });

  it('refuses to begin anew when neither can be used', async () => {
    for (const texts of [
      [[PATH, '{']],
      [
        [PATH, '{'],
        [BACKUP, '{'],
      ],
      [[BACKUP, '}']],
      [
        [PATH, '{'],
        [BACKUP, ''],
      ],
    ] as const) {
      const error = await failure(load(new MemoryFiles(texts)));
      expect(error).to.be.instanceOf(OffsetFileError).with.property('path', PATH);
    }
  });

  it('says when a file cannot be read, and takes it for nothing else', async () => {
    const files = new MemoryFiles([[PATH, textOf(1)]]);
    files.unreadable.add(PATH);
    const error = await failure(load(files));
    expect(error).to.be.instanceOf(OffsetFileError);
    expect(String(error)).to.equal(
      `OffsetFileError: Offset file ${PATH} cannot be read: EACCES: permission denied, open '${PATH}'`,
    );
  });

  it('does not put a damaged file in place of a good backup', async () => {
    const files = new MemoryFiles([
      [PATH, 'damaged'],
      [BACKUP, textOf(2)],
    ]);
    const { file } = await load(files);
    await file.save(tableOf([3]));
    expect([files.texts.get(PATH), files.texts.get(BACKUP)]).to.deep.equal([textOf(3), textOf(2)]);
  });

  it('keeps the positions of other queues that another process has written meanwhile, and tells of it', async () => {
    const files = new MemoryFiles([[PATH, textOf(1, 1)]]);
    const { file } = await load(files);
    expect(await file.save(tableOf([2]))).to.equal(undefined);
    files.texts.set(PATH, textOf(1, 9, 4));
    expect((await file.save(tableOf([3])))?.kind).to.equal('shared');
    expect(offsetsIn(file)).to.deep.equal([3, 9, 4]);
    expect(await file.save(tableOf([4]))).to.equal(undefined);
  });

  it('lives in the folders that Java makes, on a real disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'offsets-'));
    try {
      const path = offsetPath(folder, '10.0.0.1@DEFAULT', 'Group');
      expect(path).to.equal(join(folder, '10.0.0.1@DEFAULT', 'Group', 'offsets.json'));
      const file = new OffsetFile(systemFiles, path);
      await file.load();
      await file.save(tableOf([1]));
      await file.save(tableOf([2]));
      expect((await readdir(join(path, '..'))).sort()).to.deep.equal(['offsets.json', 'offsets.json.bak']);
      expect(await readFile(path, 'utf8')).to.equal(textOf(2));
      const again = new OffsetFile(systemFiles, path);
      await again.load();
      expect(offsetsIn(again)).to.deep.equal([2]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
