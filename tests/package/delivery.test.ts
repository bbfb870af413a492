import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { commitDelivery, FOLDERS, filesOf, linkPackages, relativeLinks } from './delivered.ts';

const ROOT = join(import.meta.dirname, '../..');
const ARCHIVE = join(ROOT, 'dist/proyecto-1.tar.gz');

test('the delivery archive has every folder of the assignment, sources, Makefile and modules, and no other built file', () => {
  const names = filesOf(ARCHIVE);
  for (const folder of FOLDERS)
    assert.ok(names.filter((name) => name.startsWith(`proyecto-1/${folder}/`)).length > 1, folder);
  for (const file of [
    'modulo-kernel/Makefile',
    'modulo-kernel/continfo/main.c',
    'modulo-kernel/sysinfo/main.c',
    'modulo-kernel/continfo_so1.ko',
    'modulo-kernel/sysinfo_so1.ko',
    'go-daemon/src/loop/loop.ts',
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

test('committed to a repository it is whole and runs, and its modules are for the kernel that it names', (t) => {
  const place = mkdtempSync(join(tmpdir(), 'vigia-delivery-'));
  t.after(() => rmSync(place, { recursive: true }));
  const repository = commitDelivery(ARCHIVE, join(place, 'repository'));
  assert.deepEqual([...repository.committed.keys()].sort(), filesOf(ARCHIVE).sort());
  assert.deepEqual(relativeLinks(repository).dead, []);
  const modules = repository.git('ls-files', '*.ko').trim().split('\n');
  console.log(modules.join('\n'));
  assert.equal(modules.length, 2);

  const project = join(repository.directory, 'proyecto-1');
  const kernel = readFileSync(join(project, 'modulo-kernel/KERNEL'), 'utf8').trim();
  for (const name of modules) {
    const module = readFileSync(join(repository.directory, name), 'latin1');
    assert.ok(module.includes(`vermagic=${kernel} `), `${name} for ${kernel}`);
  }
  linkPackages(project, ROOT);
  const run = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { cwd: project, encoding: 'utf8' });
  assert.match(run('./vigia', 'simulate', '--days', '0.01'), /^ok +recorded /m);
  const sample = 'contract/samples/continfo-four-docker-containers.json';
  assert.match(run('./vigia', 'classify', sample), /^High consumption \(/m);
  assert.doesNotMatch(run('./vigia', '--help'), /throw-away virtual/);
  assert.match(run('bash/scripts/load-modules.sh', '--help'), /Usage/);
  run('npm', 'run', 'check');
  run('npm', 'run', 'build:page');
});
