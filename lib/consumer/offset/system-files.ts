import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

import type { FileAccess } from '../../runtime/file-access.ts';

/** Where the positions of broadcasting consumers are kept unless `localOffsetStoreDir` says otherwise. Java: `LocalFileOffsetStore.LOCAL_OFFSET_STORE_DIR`. */
export const defaultOffsetFolder = (): string => join(homedir(), '.rocketmq_offsets');

/** The path of a member's offset file. Java: `LocalFileOffsetStore.storePath`. */
export const offsetPath = (folder: string, clientId: string, consumerGroup: string): string =>
  join(folder, clientId, consumerGroup, 'offsets.json');

/** The files of this machine. The only place of a client that touches them. */
export const systemFiles: FileAccess = {
  async read(path) {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
  async write(path, text) {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'w');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  async rename(from, to) {
    await rename(from, to);
    await syncFolder(dirname(to));
  },
};

/** A new name is kept in the folder, which has to reach the disk too. Windows cannot open folders, and needs not. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
