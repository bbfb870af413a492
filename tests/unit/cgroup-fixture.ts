import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

/** A directory in the place of /sys/fs/cgroup or of /proc, with these files; removed at the end of the test. */
export function tree(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'vigia-tree-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  put(root, files);
  return root;
}

/** The same for cgroup v2. */
export const unifiedTree = (t: TestContext, files: Readonly<Record<string, string>>): string =>
  tree(t, { 'cgroup.controllers': 'cpu io memory pids\n', ...files });

export function put(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = join(root, name);
    if (!existsSync(dirname(file))) mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
