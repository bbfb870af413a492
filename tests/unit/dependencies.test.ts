import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';

/** Compares docs/dependencies.md with the installed packages and those that the Debian package carries. */
const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const json = (path: string) => JSON.parse(read(path));
const { carriedPackages } = await import(join(ROOT, 'packaging/carried.mjs'));

const ROW = /^\| `([^`]+)` +\| (\S+) +\| (.+?) +\| (\d+) +\| (yes)? *\| (.+?) +\|$/gm;
const rows = [...read('docs/dependencies.md').matchAll(ROW)].map(
  ([, name = '', version, licence, needs, carried, why]) => ({
    name,
    version,
    licence,
    needs: Number(needs),
    isCarried: carried === 'yes',
    why,
  }),
);

test('the table names exactly the dependencies and the packages that the Debian package carries', (t) => {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const directory = mkdtempSync(join(ROOT, 'dist/test-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const bundle = join(directory, 'vigia.mjs');
  execFileSync(process.execPath, [join(ROOT, 'packaging/bundle.mjs'), bundle]);
  const carried = ['node', ...carriedPackages(relative(ROOT, bundle))];
  const { dependencies, devDependencies } = json('package.json');
  assert.ok(carried.length > Object.keys(dependencies).length);
  assert.deepEqual(
    rows.map(({ name }) => name).sort(),
    [...new Set([...Object.keys({ ...dependencies, ...devDependencies }), ...carried])].sort(),
  );
  assert.deepEqual(
    rows
      .filter(({ isCarried }) => isCarried)
      .map(({ name }) => name)
      .sort(),
    carried.sort(),
  );
});

test('version, licence and number of dependencies agree with the lock file and the installed packages', () => {
  const { packages } = json('package-lock.json');
  assert.ok(rows.length > 10, `${rows.length} rows`);
  for (const { name, version, licence, needs } of rows) {
    const locked = packages[`node_modules/${name}`];
    const installed = json(`node_modules/${name}/package.json`);
    for (const { version: its, license, dependencies = {} } of [locked, installed]) {
      assert.equal(String(its).replace(/^v/, ''), version, name);
      assert.equal(license, licence, name);
      assert.equal(Object.keys(dependencies).length, needs, name);
    }
  }
});

test('the licences of the carried packages are compatible with GPL-2.0-only', () => {
  const carried = rows.filter(({ isCarried }) => isCarried);
  assert.ok(carried.length > 5, `${carried.length} packages`);
  for (const { name, licence } of carried)
    assert.match(licence ?? '', /^(?:MIT|MIT-0|ISC|BSD-[23]-Clause|0BSD)$/, name);
});
