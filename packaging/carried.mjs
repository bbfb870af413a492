import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const read = (path) => readFileSync(join(root, path), 'utf8');

/** The packages whose code the executable (of that bundle) or the page holds, by name. */
export function carriedPackages(bundle = 'dist/vigia.mjs') {
  return [...new Set([...inBundle(bundle), ...inPage()])].sort();
}

/** esbuild writes each file's path above it. */
function inBundle(bundle) {
  const paths = read(bundle).matchAll(/^\/\/ (?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//gm);
  return [...paths].map(([, name]) => name);
}

/** What the page's sources import, and what that depends on. */
function inPage() {
  const found = new Set();
  const add = (name) => {
    if (found.has(name)) return;
    found.add(name);
    Object.keys(JSON.parse(read(`node_modules/${name}/package.json`)).dependencies ?? {}).forEach(add);
  };
  for (const file of globSync('page/src/**/*.{ts,tsx}', { cwd: root }))
    for (const [, name] of read(file).matchAll(/ from '((?:@[^/']+\/)?[^./'@][^/']*)/g)) add(name);
  return found;
}
