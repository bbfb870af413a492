import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const read = (path) => readFileSync(join(root, path), 'utf8');

/** The names of the npm packages whose code is in the bundle or in the page. */
export function carriedPackages(bundle = 'dist/vigia.mjs') {
  return [...new Set([...inBundle(bundle), ...inPage()])].sort();
}

/** In the bundle, esbuild writes each file's path as a comment above its code. */
function inBundle(bundle) {
  const paths = read(bundle).matchAll(/^\/\/ (?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//gm);
  return [...paths].map(([, name]) => name);
}

/** The packages that the page's sources import, and their dependencies. */
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
