import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

const DIST = join(import.meta.dirname, '../../page/dist');
const ASSETS = join(DIST, 'assets');
const MAX_BYTES = 61_440;

/** The view of each route, by the name of its file. Charts are loaded by the cards of panels. */
const ROUTES = ['overview', 'containers', 'container', 'panels', 'processes', 'decisions', 'simulation'];

const files = readdirSync(ASSETS).filter((name) => name.endsWith('.js'));

function fileOf(name: string): string {
  const found = files.filter((file) => new RegExp(`^${name}-[\\w-]{8}\\.js$`).test(file));
  assert.equal(found.length, 1, `${name}: ${found.join(', ') || 'no file'}`);
  return found[0] ?? '';
}

/** A file and those that it imports, without those that it may load later. */
function withImports(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const code = readFileSync(join(ASSETS, file), 'utf8');
  for (const [, imported = ''] of code.matchAll(/(?:from|import)\s*["']\.\/([\w-]+\.js)["']/g))
    withImports(imported, seen);
  return seen;
}

const entry = /src="\/assets\/([\w-]+\.js)"/.exec(readFileSync(join(DIST, 'index.html'), 'utf8'))?.[1] ?? '';

for (const language of ['es', 'en']) {
  for (const route of ROUTES) {
    test(`the JavaScript of the first view of ${route} in ${language} is at most 60 KiB gzipped`, () => {
      const roots = [entry, fileOf(`pack-${language}`), fileOf(route)];
      const loaded = new Set(roots.flatMap((root) => [...withImports(root)]));
      if (loaded.has(fileOf('panel-card')))
        for (const file of withImports(fileOf('line-chart'))) loaded.add(file);
      // The words of this view are among those that come after the first one of any other.
      if (route === 'simulation') loaded.add(fileOf(`later-${language}`));
      const bytes = [...loaded].reduce(
        (sum, file) => sum + gzipSync(readFileSync(join(ASSETS, file))).length,
        0,
      );
      console.log(`${route} ${language}: ${loaded.size} files, ${bytes} bytes gzipped`);
      assert.ok(bytes > 20_000, 'the entry and the words are counted');
      assert.ok(bytes <= MAX_BYTES, `${bytes} bytes: ${[...loaded].join(', ')}`);
    });
  }
}

test('every file is loaded by some view, or comes later', () => {
  const roots = [entry, ...ROUTES, 'line-chart', 'pack-es', 'pack-en', 'later-es', 'later-en'];
  const known = new Set(roots.flatMap((name) => [...withImports(name === entry ? entry : fileOf(name))]));
  assert.deepEqual(
    files.filter((file) => !known.has(file)),
    [],
  );
});

test('the page has no inline script or style and loads nothing from other hosts', () => {
  const html = readFileSync(join(DIST, 'index.html'), 'utf8');
  assert.match(html, /<script[^>]*\bsrc=/);
  assert.doesNotMatch(html, /<style|style=|https?:|<script(?![^>]*\bsrc=)/);
});
