import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';

/** The examples of docs/guides are applied to a copy of the sources, compiled there, and their tests run. */

const ROOT = join(import.meta.dirname, '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

interface Block {
  readonly guide: string;
  readonly kind: 'ts' | 'diff';
  readonly path: string;
  readonly text: string;
}

const blocks = globSync('docs/guides/*.md', { cwd: ROOT })
  .sort()
  .flatMap((guide) =>
    [...readFileSync(join(ROOT, guide), 'utf8').matchAll(/^```(ts|diff) (\S+)\n([\s\S]*?)^```$/gm)].map(
      ([, kind, path = '', text = '']): Block => ({ guide, kind: kind === 'ts' ? 'ts' : 'diff', path, text }),
    ),
  );

/** The folders that the examples are compiled with. */
function copySources(t: TestContext): string {
  const copy = mkdtempSync(join(tmpdir(), 'vigia-guides-'));
  t.after(() => rmSync(copy, { recursive: true }));
  for (const path of ['daemon', 'page/src/words', 'tests/unit', 'package.json', 'tsconfig.json'])
    cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** `+` lines are added, `-` lines removed; what is there before must occur exactly once. */
function apply({ guide, kind, path, text }: Block, copy: string): void {
  const file = join(copy, path);
  if (kind === 'ts') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: 'wx' });
    return;
  }
  const lines = text.split('\n').slice(0, -1);
  const side = (sign: '+' | '-') =>
    lines
      .filter((line) => line[0] !== sign)
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  const [before, after] = [side('+'), side('-')];
  const parts = readFileSync(file, 'utf8').split(before);
  assert.equal(parts.length, 2, `${guide}: ${parts.length - 1} times in ${path}:\n${before}`);
  writeFileSync(file, parts.join(after));
}

/** Without the variable by which Node's runner marks its own children: `node --test` would run nothing. */
function run(copy: string, ...args: string[]) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8', env });
}

test('the guides of a rule, a pattern and a panel can be followed: the result compiles, and its tests pass', (t) => {
  assert.equal(new Set(blocks.map(({ guide }) => guide)).size, 3);
  assert.ok(blocks.length > 20, `${blocks.length} blocks`);
  const copy = copySources(t);
  for (const block of blocks) apply(block, copy);

  const tests = blocks.filter(({ path }) => path.endsWith('.test.ts')).map(({ path }) => path);
  assert.equal(tests.length, 2);
  const options = { extends: './tsconfig.json', include: ['daemon', ...tests] };
  writeFileSync(join(copy, 'tsconfig.guides.json'), JSON.stringify(options));
  const { stdout: errors } = run(copy, TSC, '--noEmit', '--project', 'tsconfig.guides.json');
  assert.equal(errors, '');

  const panels = ['panels.test.ts', 'panels-english.test.ts'].map((name) => `tests/unit/${name}`);
  const { stdout } = run(copy, '--test', '--test-concurrency=1', ...tests, ...panels);
  const [passed, failed] = ['pass', 'fail'].map(
    (what) => new RegExp(`^ℹ ${what} (\\d+)$`, 'm').exec(stdout)?.[1],
  );
  assert.equal(failed, '0', stdout);
  assert.ok(Number(passed) > 10, stdout);
});
