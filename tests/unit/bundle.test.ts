import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');

test('the bundle is one file that needs no package and finds the files that it reads', (t) => {
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
  // Reads a scenario and the migrations.
  assert.match(vigia('simulate', '--days', '0.01'), /^ok +recorded /m);
});

test('only layout/paths.ts uses import.meta: in the bundle the path of every other source differs', () => {
  // The generator of the dashboards runs only in the work tree.
  const sources = globSync('daemon/src/**/*.ts', { cwd: ROOT, exclude: ['**/build-dashboards.ts'] });
  assert.deepEqual(
    sources.filter((path) => readFileSync(join(ROOT, path), 'utf8').includes('import.meta')),
    ['daemon/src/layout/paths.ts'],
  );
});
