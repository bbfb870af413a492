import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as layout from '../../daemon/src/layout/paths.ts';

const ROOT = join(import.meta.dirname, '../..');
const { version, dependencies, devDependencies } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
);
const PACKAGE = join(ROOT, `dist/vigia_${version}_amd64.deb`);

const build = (...args: string[]): string =>
  execFileSync(join(ROOT, 'packaging/build.sh'), args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
const digest = (): string => createHash('sha256').update(readFileSync(PACKAGE)).digest('hex');

test('two builds give the same package, bit for bit', () => {
  console.log(build());
  const first = digest();
  copyFileSync(PACKAGE, `${PACKAGE}.first`);
  build();
  assert.equal(digest(), first, `compare ${PACKAGE} and ${PACKAGE}.first`);
  rmSync(`${PACKAGE}.first`);
});

test('every file in it belongs to root, is writable only for root, and is in an expected directory', () => {
  const lines = execFileSync('dpkg-deb', ['--contents', PACKAGE], { encoding: 'utf8' }).trim().split('\n');
  for (const line of lines) {
    assert.match(line, /^(?:l|[-d]rw[x-]r-[x-]r-[x-] root\/root)/, line);
    assert.match(line, / \.\/(?:$|etc\/|usr\/|lib\/systemd)/, line);
  }
});

test('it has no conffile, so dpkg asks nothing when a configuration already exists', () => {
  const parts = execFileSync('dpkg-deb', ['--ctrl-tarfile', PACKAGE]);
  const names = execFileSync('tar', ['--list'], { input: parts, encoding: 'utf8' });
  assert.doesNotMatch(names, /conffiles/);
  const contents = execFileSync('dpkg-deb', ['--contents', PACKAGE], { encoding: 'utf8' });
  assert.doesNotMatch(contents, / \.\/etc\/.*[^/]$/m);
  assert.match(contents, / \.\/usr\/share\/doc\/vigia\/examples\/config\.yaml$/m);
});

test('unpacked in any directory it runs, and has every file that the daemon needs', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-package-'));
  t.after(() => rmSync(directory, { recursive: true }));
  execFileSync('dpkg-deb', ['--extract', PACKAGE, directory]);
  let installedFiles = 0;
  for (const path of Object.values(layout)) {
    // Sources are in the bundle: the run below shows that it finds them.
    if (!path.startsWith(ROOT) || !existsSync(path) || path.endsWith('.ts')) continue;
    const installed = join(directory, 'usr/lib/vigia', path.slice(ROOT.length));
    // The lab is only in the repository.
    assert.equal(existsSync(installed), path !== layout.LAB, installed);
    installedFiles += 1;
  }
  assert.ok(installedFiles > 5, `${installedFiles} files`);
  const simulated = execFileSync(join(directory, 'usr/bin/vigia'), ['simulate', '--days', '0.01'], {
    encoding: 'utf8',
  });
  assert.match(simulated, /^ok +recorded /m);
  const run = (...args: string[]) =>
    execFileSync(join(directory, 'usr/bin/vigia'), args, { encoding: 'utf8' });
  assert.match(
    run('--version'),
    new RegExp(`^${version.replaceAll('.', '\\.')} \\(commit [0-9a-f]{12}\\)$`, 'm'),
  );
  const manual = execFileSync('zcat', [join(directory, 'usr/share/man/man1/vigia.1.gz')], {
    encoding: 'utf8',
  });
  const completion = readFileSync(join(directory, 'usr/share/fish/vendor_completions.d/vigia.fish'), 'utf8');
  for (const text of [run('--help'), manual, completion]) assert.doesNotMatch(text, /throw-away virtual/);
});

test('the bill of materials names Node, every package of package.json, and those in the page', () => {
  const bill = JSON.parse(readFileSync(join(ROOT, `dist/vigia_${version}.cdx.json`), 'utf8'));
  assert.equal(bill.bomFormat, 'CycloneDX');
  const named = bill.components.map((one: { name: string; version: string }) => [one.name, one.version]);
  const versions = Object.fromEntries(named);
  for (const [name, expected] of Object.entries({ ...dependencies, uplot: devDependencies.uplot }))
    assert.equal(versions[name], expected, name);
  assert.ok(versions['@preact/signals-core'], "a dependency of the page's packages");
  for (const { name, licenses } of bill.components) assert.ok(licenses.length > 0, name);
});
