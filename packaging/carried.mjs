import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** The packages whose code the bundle really holds: esbuild writes each file's path above it. */
export function carriedPackages() {
  const bundle = readFileSync(join(root, 'dist/vigia.mjs'), 'utf8');
  const paths = bundle.matchAll(/^\/\/ (?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//gm);
  return [...new Set([...paths].map(([, name]) => name))].sort();
}
