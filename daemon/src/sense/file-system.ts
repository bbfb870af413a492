import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileSystem } from '../model/disk.ts';

/**
 * The file system that holds a directory, or would hold it: where the directory does not exist yet, the nearest one above
 * it. A network file system may hang: the caller limits the time.
 */
export async function fileSystemOf(path: string): Promise<FileSystem> {
  try {
    const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(path);
    return {
      path,
      totalBytes: (blocks - bfree + bavail) * bsize,
      availableBytes: bavail * bsize,
      totalInodes: files,
      freeInodes: ffree,
    };
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isAbsent || path === dirname(path)) throw error;
    return { ...(await fileSystemOf(dirname(path))), path };
  }
}
