import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  commitDelivery,
  FOLDERS,
  filesOf,
  linkPackages,
  type Repository,
  relativeLinks,
} from '../package/delivered.ts';

/** The delivery as delivery.sh stages it, with stand-ins for the compiled modules, committed to a repository of its own. */

const ROOT = join(import.meta.dirname, '../..');
const DELIVERY = join(ROOT, 'packaging/delivery.sh');

let place: string;
let archive: string;
let repository: Repository;

before(() => {
  place = mkdtempSync(join(tmpdir(), 'vigia-delivery-'));
  const modules = join(place, 'stand-ins');
  mkdirSync(modules);
  for (const file of ['continfo_so1.ko', 'sysinfo_so1.ko', 'KERNEL'])
    writeFileSync(join(modules, file), `a stand-in for ${file}\n`);
  const options = ['--modules', modules, '--without-pdf', '--output', join(place, 'out')];
  execFileSync(DELIVERY, options, { stdio: ['ignore', 'ignore', 'inherit'] });
  archive = join(place, 'out/proyecto-1.tar.gz');
  repository = commitDelivery(archive, join(place, 'repository'));
});
after(() => rmSync(place, { recursive: true }));

test('unpacked into a repository and committed, the delivery loses no file, and both modules are in the commit', () => {
  const { committed, git } = repository;
  assert.deepEqual(git('ls-files', '*.ko').trim().split('\n'), [
    'proyecto-1/modulo-kernel/continfo_so1.ko',
    'proyecto-1/modulo-kernel/sysinfo_so1.ko',
  ]);
  assert.deepEqual([...committed.keys()].sort(), filesOf(archive).sort());
});

test('every folder of the assignment is a real folder, and ARCHITECTURE.md names it', () => {
  const architecture = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  for (const folder of FOLDERS) {
    const inside = [...repository.committed.keys()].filter((path) =>
      path.startsWith(`proyecto-1/${folder}/`),
    );
    assert.ok(inside.length > 1, folder);
    assert.ok(architecture.includes(`\`/${folder}\``), `ARCHITECTURE.md names /${folder}`);
  }
});

test('what is installed or built in it later is not offered for a commit', () => {
  const { directory, git } = repository;
  for (const file of [
    'node_modules/hono/package.json',
    'modulo-kernel/continfo/main.o',
    'modulo-kernel/continfo_so1.mod.c',
    'modulo-kernel/.continfo_so1.ko.cmd',
    'modulo-kernel/test/build/hostile',
    'bash/workload/images/cpu/vigia-cpu',
  ]) {
    const path = join(directory, 'proyecto-1', file);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '');
  }
  assert.equal(git('status', '--porcelain'), '');
  rmSync(join(directory, 'proyecto-1/node_modules'), { recursive: true });
});

test('every relative link of its Markdown leads to a committed file, by no symbolic link', () => {
  const { all, dead } = relativeLinks(repository);
  assert.deepEqual(dead, []);
  for (const link of [
    'proyecto-1/documentacion/manual-tecnico.md: ../ARCHITECTURE.md',
    'proyecto-1/documentacion/manual-tecnico.md: ../bash/workload/README.md',
    'proyecto-1/ARCHITECTURE.md: go-daemon/src/loop/loop.ts',
  ])
    assert.ok(all.includes(link), `${link} is one of:\n${all.join('\n')}`);
});

test('links are adapted wherever Markdown has them, and in no code; one that leads out of the delivery becomes text', (t) => {
  const stage = mkdtempSync(join(tmpdir(), 'vigia-delivery-names-'));
  t.after(() => rmSync(stage, { recursive: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(join(stage, path, '..'), { recursive: true });
    writeFileSync(join(stage, path), text);
  };
  const pairs = [
    ['[a](../kernel/a.c)', '[a](../modulo-kernel/a.c)'],
    ['[a](../kernel/a.c#L3 "the title")', '[a](../modulo-kernel/a.c#L3 "the title")'],
    [
      '[`a[0]`](../kernel/a.c) and [b](b.md), [c](#c)',
      '[`a[0]`](../modulo-kernel/a.c) and [b](b.md), [c](#c)',
    ],
    ['[folder](../kernel/)', '[folder](../modulo-kernel/)'],
    ['[![alt](../kernel/a.c)](../tests/x.ts)', '![alt](../modulo-kernel/a.c)'],
    ['see [`tests/x.ts`](../tests/x.ts), ![alt](../bench/x.svg).', 'see `tests/x.ts`, alt.'],
    ['[out](../../../etc/passwd) [web](https://x.org/a.md)', 'out [web](https://x.org/a.md)'],
    ['[sub](decisions/1.md)', '[sub](decisions/1.md)'],
    ['`[a](../kernel/a.c)` ``x ` [a](../tests/y)``', '`[a](../kernel/a.c)` ``x ` [a](../tests/y)``'],
    ['```sh\n[a](../kernel/a.c)\n```', '```sh\n[a](../kernel/a.c)\n```'],
    ['[ref]: ../kernel/a.c', '[ref]: ../modulo-kernel/a.c'],
    ['<img alt="x" src="../kernel/a.c">', '<img alt="x" src="../modulo-kernel/a.c">'],
  ] as const;
  write('documentacion/a.md', pairs.map(([before]) => before).join('\n\n'));
  write('documentacion/decisions/1.md', '[up](../../kernel/a.c)\n');
  for (const path of ['documentacion/b.md', 'modulo-kernel/a.c']) write(path, '');
  const script = join(ROOT, 'packaging/delivery-names.mjs');
  const run = () =>
    spawnSync(process.execPath, [script, stage, 'kernel=modulo-kernel', 'docs=documentacion'], {
      encoding: 'utf8',
    });
  assert.equal(run().status, 0);
  const read = (path: string): string => readFileSync(join(stage, path), 'utf8');
  assert.deepEqual(
    read('documentacion/a.md').split('\n\n'),
    pairs.map(([, after]) => after),
  );
  assert.equal(read('documentacion/decisions/1.md'), '[up](../../modulo-kernel/a.c)\n');
  write('documentacion/a.md', '[ref]: ../tests/x.ts');
  assert.match(run().stderr, /documentacion\/a\.md: \.\.\/tests\/x\.ts is not delivered/);
});

test('it runs where it was committed, under the names of the assignment', () => {
  const project = join(repository.directory, 'proyecto-1');
  linkPackages(project, ROOT);
  const run = (program: string, ...args: string[]): string =>
    execFileSync(join(project, program), args, { encoding: 'utf8' });
  const sample = join(project, 'contract/samples/continfo-four-docker-containers.json');
  assert.match(run('vigia', 'classify', sample), /^High consumption \(/m);
  assert.match(run('bash/scripts/load-modules.sh', '--help'), /Usage/);
  assert.match(readFileSync(join(project, 'LEEME.md'), 'utf8'), /`go-daemon\/`.*TypeScript/);
  const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  for (const [name, command] of Object.entries<string>(scripts))
    for (const [path] of command.matchAll(/\b(?:daemon|page)\/\S+/g))
      assert.ok(
        repository.committed.has(`proyecto-1/${path.replace(/^daemon/, 'go-daemon')}`),
        `${name}: ${path}`,
      );
});

test('delivery.sh refuses what it does not know with exit code 2', () => {
  for (const args of [['--modules'], ['--output'], ['elsewhere']]) {
    const { status, stderr } = spawnSync(DELIVERY, args, { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, /^packaging\/delivery\.sh: .*--help shows the usage$/m);
  }
});
