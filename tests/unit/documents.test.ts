import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

/** The documents, compared with the files, commands and rules that they name. */

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const LIST = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.md'];
const documents = execFileSync('git', ['-c', 'safe.directory=*', ...LIST], { cwd: ROOT, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)));

const ENGLISH = globSync(
  ['{README,ARCHITECTURE,CHANGELOG,CONTRIBUTING,SECURITY}.md', 'dashboards/README.md', 'docs/**/*.md'],
  { cwd: ROOT },
)
  .filter((path) => !path.includes('manual-'))
  .sort();

/** The text without fenced blocks; indented blocks stay. */
const proseOf = (path: string): string => read(path).replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '');

/** GitHub's anchors: lower case, punctuation dropped, blanks to hyphens. */
const anchorsOf = (path: string): string[] =>
  [...proseOf(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test('every relative link and image leads to a file, and every anchor to a heading', () => {
  let links = 0;
  const broken: string[] = [];
  for (const path of documents) {
    const prose = proseOf(path).replaceAll(/`[^`\n]*`/g, '');
    for (const [, inline, reference] of prose.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)/gm)) {
      const target = inline ?? reference ?? '';
      if (/^[a-z]+:/.test(target)) continue;
      links += 1;
      const [file = '', anchor] = target.split('#');
      const there = file === '' ? path : join(dirname(path), file);
      const isRight =
        existsSync(join(ROOT, there)) && (anchor === undefined || anchorsOf(there).includes(anchor));
      if (!isRight) broken.push(`${path}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
  assert.ok(documents.length > 20 && links > 100, `${documents.length} documents, ${links} links`);
});

test('the English documents have lines of at most 120 columns, tables, pictures and code apart', () => {
  const long = ENGLISH.flatMap((path) =>
    proseOf(path)
      .split('\n')
      .filter((line) => line.length > 120 && !/^(\||!\[| {4})/.test(line))
      .map((line) => `${path}: ${line}`),
  );
  assert.deepEqual(long, []);
  assert.ok(ENGLISH.length > 15, `${ENGLISH.length} documents`);
});

test('the README is short, and leads to every other English document', () => {
  const readme = read('README.md');
  assert.ok(readme.split('\n').length <= 100, `${readme.split('\n').length} lines`);
  const missing = ENGLISH.filter(
    (path) => !/^README|decisions\/0|guides\/add/.test(path) && !readme.includes(`](${path})`),
  );
  assert.deepEqual(missing, []);
});

test('every file that an English document names is there', () => {
  let named = 0;
  const missing: string[] = [];
  // Generated, or a file of an example.
  const absent = /^(page\/dist|dist)\/|^\/|(replace-expired|thrashing|failed-actions)|NNNN-/;
  for (const path of ENGLISH) {
    for (const [, file = ''] of proseOf(path).matchAll(
      /`([\w./-]+\/[\w.-]+\.(?:ts|tsx|mjs|c|h|sh|json|yaml|sql|md|service|txt|svg))`/g,
    )) {
      if (absent.test(file)) continue;
      named += 1;
      const places = ['', 'daemon/src', dirname(path)].map((folder) => join(ROOT, folder, file));
      if (!places.some((place) => existsSync(place))) missing.push(`${path}: ${file}`);
    }
  }
  assert.deepEqual(missing, []);
  assert.ok(named > 60, `${named} files`);
});

/** Name of each tier, and whether it runs only when it is named, as `vigia test --help` lists them. */
const tiers = [
  ...spawnSync(process.execPath, [join(ROOT, 'tests/run.ts'), '--help'], {
    encoding: 'utf8',
  }).stdout.matchAll(/^ {2}(\S+) +(.+)$/gm),
].map(([, name = '', what]) => ({ name, onlyNamed: what?.includes('only when named') ?? false }));

test('every tier that a document names exists', () => {
  const names = new Set(tiers.map(({ name }) => name));
  const named = documents.flatMap((path) =>
    [...read(path).matchAll(/vigia test((?: --only [a-z0-9,-]+)+)/g)].flatMap(([, options = '']) =>
      options.split(/ --only |,/).filter((name) => name !== ''),
    ),
  );
  assert.ok(named.length > 10, `${named.length} names`);
  assert.deepEqual([...new Set(named)].filter((name) => !names.has(name)).sort(), []);
});

test('CONTRIBUTING lists every tier, and the release checklist runs them all', () => {
  const contributing = read('CONTRIBUTING.md');
  const listed = [...contributing.matchAll(/^\| `([a-z0-9-]+)` +\| (.+?) *\|/gm)];
  assert.ok(tiers.length > 10);
  assert.deepEqual(
    listed.map(([, name, what]) => ({ name, onlyNamed: what?.includes('(_named_)') })),
    tiers,
  );
  const [, checklist = ''] = contributing.split('## Release checklist');
  assert.match(checklist, /^1\. `\.\/vigia test --all`/m);
});

test("ARCHITECTURE's table of imports is what dependency-cruiser enforces", async () => {
  const { default: rules } = await import(join(ROOT, '.dependency-cruiser.mjs'));
  const enforced = new Map<string, string[]>();
  for (const { name, to } of rules.forbidden as { name: string; to: { pathNot?: string } }[]) {
    const folder = /^(\w+)-imports$/.exec(name)?.[1];
    const folders = /\((.+)\)/.exec(to.pathNot ?? '')?.[1]?.split('|') ?? [];
    if (folder !== undefined) enforced.set(folder, folders.filter((other) => other !== folder).sort());
  }
  const rows = [...read('ARCHITECTURE.md').matchAll(/^\| `(\w+)\/` +\| .+? +\| (.+?) +\|$/gm)];
  const all = rows.map(([, folder = '']) => folder);
  const documented = new Map(
    rows.map(([, folder = '', may = '']): [string, string[]] => {
      const [, except] = /^all but (.+)$/.exec(may) ?? [];
      const named = (except ?? may).split(', ');
      const allowed = all.filter((other) => other !== folder && !named.includes(other));
      return [folder, except === undefined ? (may === 'nothing' ? [] : named.sort()) : allowed.sort()];
    }),
  );
  assert.equal(documented.get('app')?.join(), 'everything');
  documented.delete('app');
  assert.ok(documented.size > 10);
  assert.deepEqual(Object.fromEntries([...documented].sort()), Object.fromEntries([...enforced].sort()));
});
