import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { parse } from 'yaml';
import { parseConfig } from '../../daemon/src/app/load-config.ts';
import { DEFAULTS } from '../../daemon/src/model/config.ts';
import { dashboards, panels } from '../../daemon/src/panels/dashboards.ts';

/** Compares the lists in the Spanish manuals with the code. */

const ROOT = join(import.meta.dirname, '../..');
const TECHNICAL = 'docs/manual-tecnico.md';
const USER = 'docs/manual-de-usuario.md';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const technical = read(TECHNICAL);
const user = read(USER);

/** The text below a heading, up to the next one of the same rank or a higher one. */
function section(manual: string, heading: RegExp): string {
  const lines = manual.split('\n');
  const start = lines.findIndex((line) => heading.test(line));
  assert.notEqual(start, -1, `no heading ${heading}`);
  const rank = /^#+/.exec(lines[start] ?? '')?.[0].length ?? 0;
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= rank);
  return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join('\n');
}

/** The cells of table rows, without heading rows and separator rows. */
function rows(text: string): string[][] {
  const tables = text.split('\n').filter((line) => line.startsWith('|'));
  return tables
    .filter((_, i) => !/^\|[-|\s]+\|$/.test(tables[i] ?? '') && !/^\|[-|\s]+\|$/.test(tables[i + 1] ?? ''))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

const bare = (cell: string | undefined): string => /^`(.+)`$/.exec(cell ?? '')?.[1] ?? '';

/** Asserts that every row has an explanation, which is the third cell in each of these tables. */
const assertExplained = (table: string[][]): void => {
  for (const cells of table) assert.ok((cells[2] ?? '').length > 0, `no explanation: ${cells.join(' | ')}`);
};

/** `name in file` of the functions and classes that a source exports, arrow functions included. */
function exportsOf(folder: string, file: string): string[] {
  const path = `daemon/src/${folder}/${file}`;
  const source = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement): string[] => {
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement))
      return [`${statement.name?.text} in ${file}`];
    if (!ts.isVariableStatement(statement)) return [];
    return statement.declarationList.declarations
      .filter(({ initializer }) => initializer !== undefined && ts.isArrowFunction(initializer))
      .map(({ name }) => `${ts.isIdentifier(name) ? name.text : ''} in ${file}`);
  });
}

const folders = globSync('*/', { cwd: join(ROOT, 'daemon/src') })
  .map((folder) => folder.replace(/\/$/, ''))
  .sort();

for (const folder of folders) {
  test(`manual técnico: every exported function and class of ${folder}/, and no other`, () => {
    const files = globSync('**/*.ts', { cwd: join(ROOT, 'daemon/src', folder) });
    const table = rows(section(technical, new RegExp(`^### \`${folder}/\``)));
    const documented = table.map(([name, file]) => `${bare(name)} in ${bare(file)}`);
    assert.deepEqual(documented.sort(), files.flatMap((file) => exportsOf(folder, file)).sort());
    assertExplained(table);
  });
}

test('manual técnico: a table for every folder of the daemon, and no other', () => {
  const documented = [...section(technical, /^## 9\./).matchAll(/^### `(\w+)\/`$/gm)].map(([, name]) => name);
  assert.deepEqual(documented.sort(), folders);
});

test('manual técnico: every public function of the modules, and no other', () => {
  const sources = globSync('kernel/common/*.c', { cwd: ROOT });
  const defined = sources.flatMap((path) =>
    [...read(path).matchAll(/^(?!static)[a-z][\w ]* \**(\w+)\([^;]*?\)\n\{/gm)].map(
      ([, name]) => `${name} in ${path.slice('kernel/common/'.length)}`,
    ),
  );
  assert.ok(defined.length > 20, `${defined.length} functions found`);
  const table = rows(section(technical, /^### Funciones principales/)).filter((cells) => cells.length === 3);
  assert.deepEqual(table.map(([name, file]) => `${bare(name)} in ${bare(file)}`).sort(), defined.sort());
  assertExplained(table);
});

test('manual técnico: every table of the database, and no other', () => {
  const schema = globSync('daemon/src/record/migrations/*.sql', { cwd: ROOT }).map(read).join('\n');
  const renamed = new Map(
    [...schema.matchAll(/^ALTER TABLE (\w+) RENAME TO (\w+)/gm)].map(([, before, name]) => [before, name]),
  );
  const created = [...schema.matchAll(/^CREATE TABLE (\w+)/gm)].map(([, name]) => renamed.get(name) ?? name);
  const table = rows(section(technical, /^## 11\./));
  assert.deepEqual(table.map(([name]) => bare(name)).sort(), created.sort());
  assertExplained(table);
});

test('manual técnico: every script of the project', () => {
  const scripts = globSync(
    ['vigia', '.ci/run', 'scripts/*.sh', 'workload/*.sh', 'lab/*.sh', 'bench/*/*.sh'],
    {
      cwd: ROOT,
    },
  );
  assert.ok(scripts.length > 10, `${scripts.length} scripts found`);
  const listed = section(technical, /^## 10\./);
  assert.deepEqual(
    scripts.filter((path) => !listed.includes(`\`${path}\``)),
    [],
  );
});

type Setting = readonly [key: string, value: unknown];

function settingsOf(group: object, prefix = ''): Setting[] {
  return Object.entries(group).flatMap(([key, value]): Setting[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? settingsOf(value, `${prefix}${key}.`)
      : [[`${prefix}${key}`, value]],
  );
}

test('manual de usuario: every key of the configuration with its default, and no other', () => {
  const table = rows(section(user, /^## 7\./));
  const documented = table.map(([key, value]): Setting => [bare(key), JSON.parse(bare(value))]);
  const byKey = (a: Setting, b: Setting) => (a[0] < b[0] ? -1 : 1);
  assert.deepEqual(documented.sort(byKey), settingsOf(DEFAULTS).sort(byKey));
  assertExplained(table);
});

test('manual de usuario: every panel of the dashboards, under its own title, and no other', () => {
  const documented = dashboards.flatMap(({ title }) =>
    rows(section(user, new RegExp(`^### Leer el dashboard «${title}»`))).map(([name]) => name ?? ''),
  );
  assert.deepEqual(documented.sort(), panels.map(({ title }) => title).sort());
});

test('manual de usuario: every message in the table of remedies is in the code', () => {
  const sources = globSync(['daemon/src/**/*.ts', 'scripts/*.sh', 'workload/*.sh', 'vigia'], { cwd: ROOT });
  const code = sources.map(read).join('\n');
  let checked = 0;
  for (const [symptom] of rows(section(user, /^## 9\./))) {
    const message = /^`([^`]+)`/.exec(symptom ?? '')?.[1];
    if (message === undefined) continue;
    // The manual shows defaults of the configuration where the code has a variable.
    const pieces = message
      .split(
        /…|\/var\/run\/docker\.sock|\/var\/lib\/vigia\/vigia\.db|\b15 s|\b10 s|\b8080\b|\bcontinfo_so1\b/,
      )
      .map((piece) => piece.replace(/^[^\p{L}]+|[^\p{L}.?]+$/gu, ''))
      .filter((piece) => piece.length > 3);
    for (const piece of pieces) assert.ok(code.includes(piece), `nowhere in the code: "${piece}"`);
    checked += pieces.length;
  }
  assert.ok(checked > 10, `${checked} pieces of messages were looked up`);
});

test('manual de usuario: the files for several hosts agree with the repository, and every alert is listed', () => {
  const text = section(user, /^### Muchos equipos/);
  const file = (name: string): string => {
    const block = new RegExp(`^ *\`\`\`yaml ${name}\\n([^]*?)^ *\`\`\``, 'm').exec(text)?.[1];
    assert.ok(block, name);
    return block;
  };
  const { page } = parseConfig(file('config.yaml'), 'config.yaml');
  assert.deepEqual(page, { ...DEFAULTS.page, host: '0.0.0.0', tokenFile: '/etc/vigia/token' });
  const { global, ...rest } = parse(read('dashboards/fleet/prometheus.yaml'));
  assert.ok(global);
  assert.deepEqual(parse(file('prometheus.yaml')), rest);
  const { groups } = parse(read('dashboards/fleet/rules.yaml')) as {
    groups: { rules: { alert?: string }[] }[];
  };
  const alerts = groups.flatMap(({ rules }) => rules.flatMap(({ alert = [] }) => alert));
  assert.deepEqual(
    rows(text).map(([name]) => bare(name)),
    alerts,
  );
});

for (const [path, manual] of [
  [TECHNICAL, technical],
  [USER, user],
] as const) {
  test(`${path}: every link has a target`, () => {
    const targets = [...manual.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    const local = targets.filter((target) => !/^https?:/.test(target));
    assert.ok(local.length > 2, `${local.length} links`);
    for (const target of local) {
      const [file = '', anchor] = target.split('#');
      const there = file === '' ? path : join(dirname(path), file);
      assert.ok(existsSync(join(ROOT, there)), `${target} is not there`);
      if (anchor !== undefined) assert.ok(anchorsOf(read(there)).includes(anchor), `${target}: no heading`);
    }
  });

  test(`${path}: every vigia command and every file in it exists`, () => {
    const commands = new Set(
      globSync('daemon/src/cli/*.ts', { cwd: ROOT })
        .flatMap((file) => [...read(file).matchAll(/(?:new Command\(|\.command\()'([\w-]+)'/g)])
        .map(([, name]) => name),
    );
    for (const name of ['lab', 'test']) commands.add(name);
    const called = [...manual.matchAll(/(?:\.\/|`)vigia ((?:[a-z]+ ?)+)/g)];
    assert.ok(called.length > 2, `${called.length} commands`);
    for (const [, words = ''] of called) {
      const [first = ''] = words.split(' ');
      assert.ok(commands.has(first), `vigia ${first}`);
    }
    const files = [
      ...manual.matchAll(
        /(?<![\w/.<-])((?:scripts|workload|lab|contract|dashboards|bench|tests|daemon)\/[\w./-]*\w\/?)/g,
      ),
    ];
    assert.ok(files.length > 2, `${files.length} files`);
    for (const [, file = ''] of files) assert.ok(existsSync(join(ROOT, file)), `${file} is not there`);
  });
}

/** The anchors that GitHub gives to headings: lower case, without punctuation, hyphens for blanks. */
function anchorsOf(manual: string): string[] {
  return [...manual.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
