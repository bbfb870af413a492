import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');
const ARCHIVE = join(ROOT, 'dist/proyecto-1.tar.gz');
const run = (program: string, ...args: string[]): string => execFileSync(program, args, { encoding: 'utf8' });

/** The folder names of the assignment, from the table in ARCHITECTURE.md. */
const folders = [
  ...readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8').matchAll(/^\|.*\| `\/([\w/-]+)` +\|$/gm),
].map(([, name = '']) => name);

test('the delivery archive has every folder of the table, sources, Makefile and modules, and no other built file', () => {
  assert.deepEqual([...folders].sort(), ['bash', 'daemon', 'dashboard', 'documentacion', 'modulo-kernel']);
  const names = run('tar', '--list', '--file', ARCHIVE).trim().split('\n');
  for (const folder of folders)
    assert.ok(names.filter((name) => name.startsWith(`proyecto-1/${folder}/`)).length > 1, folder);
  for (const file of [
    'modulo-kernel/Makefile',
    'modulo-kernel/continfo/main.c',
    'modulo-kernel/sysinfo/main.c',
    'modulo-kernel/continfo_so1.ko',
    'modulo-kernel/sysinfo_so1.ko',
    'daemon/src/loop/loop.ts',
    'bash/workload/spawn-containers.sh',
    'bash/scripts/load-modules.sh',
    'dashboard/compose.yaml',
    'contract/samples/continfo-four-docker-containers.json',
    ...['tecnico', 'de-usuario'].flatMap((name) =>
      ['md', 'html', 'pdf'].map((type) => `documentacion/manual-${name}.${type}`),
    ),
  ])
    assert.ok(names.includes(`proyecto-1/${file}`), file);
  const built = names.filter((name) =>
    /\.(?:o|ko|mod|cmd|db|log)$|node_modules|\/vigia-(?:cpu|ram|idle)$/.test(name),
  );
  assert.equal(built.length, 2, built.join('\n'));
});

test('unpacked in another directory it runs, and its modules are for the kernel that it names', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-delivery-'));
  t.after(() => rmSync(directory, { recursive: true }));
  run('tar', '--extract', '--file', ARCHIVE, '--directory', directory);
  const project = join(directory, 'proyecto-1');
  const kernel = readFileSync(join(project, 'modulo-kernel/KERNEL'), 'utf8').trim();
  for (const name of ['continfo_so1', 'sysinfo_so1']) {
    const module = readFileSync(join(project, `modulo-kernel/${name}.ko`), 'latin1');
    assert.ok(module.includes(`vermagic=${kernel} `), `${name} for ${kernel}`);
  }
  // What npm ci would install.
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
  assert.match(run(join(project, 'vigia'), 'simulate', '--days', '0.01'), /^ok +recorded /m);
  const sample = 'contract/samples/continfo-four-docker-containers.json';
  assert.match(run(join(project, 'vigia'), 'classify', join(project, sample)), /^High consumption \(/m);
  assert.doesNotMatch(run(join(project, 'vigia'), '--help'), /throw-away virtual/);
  assert.match(run(join(project, 'bash/scripts/load-modules.sh'), '--help'), /Usage/);
});
