import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');

test('the bundle is one file that needs no package, and finds what it reads at run time', (t) => {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const directory = mkdtempSync(join(ROOT, 'dist/test-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const bundle = join(directory, 'vigia.mjs');
  execFileSync(process.execPath, [join(ROOT, 'packaging/bundle.mjs'), bundle]);
  const vigia = (...args: string[]): string =>
    execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', bundle, ...args], {
      encoding: 'utf8',
    });
  assert.match(vigia('config', 'show'), /^carnet: /);
  // A scenario and the migrations.
  assert.match(vigia('simulate', '--days', '0.01'), /^ok +recorded /m);
});

test('only layout/paths.ts looks for files beside itself: in the bundle every other file is somewhere else', () => {
  // The writer of the dashboards runs in the work tree only.
  const sources = globSync('daemon/src/**/*.ts', { cwd: ROOT, exclude: ['**/build-dashboards.ts'] });
  assert.deepEqual(
    sources.filter((path) => readFileSync(join(ROOT, path), 'utf8').includes('import.meta')),
    ['daemon/src/layout/paths.ts'],
  );
});
