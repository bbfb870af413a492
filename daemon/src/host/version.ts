import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PACKAGE_JSON } from '../layout/paths.ts';

/**
 * The version and the commit that it was built from: `0.1.0 (commit 0123456789ab)`. The package holds both in its
 * package.json; a work tree asks Git, and ends with `, changed` where files differ. Without either, the version alone.
 */
export function versionText(): string {
  const { version, commit = commitOfWorkTree() } = JSON.parse(readFileSync(PACKAGE_JSON, 'utf8'));
  return commit === null ? version : `${version} (commit ${commit})`;
}

function commitOfWorkTree(): string | null {
  const root = dirname(PACKAGE_JSON);
  if (!existsSync(join(root, '.git'))) return null;
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', root, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short=12', 'HEAD')}${isChanged ? ', changed' : ''}`;
  } catch {
    // Git is not installed, or does not trust a tree of another user.
    return null;
  }
}
