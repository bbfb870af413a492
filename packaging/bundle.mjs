// Puts the daemon and its packages into one file (dist/vigia.mjs, or the one given), which the pinned Node runs without
// node_modules and without stripping types. What it reads at run time (layout/paths.ts) stays outside.
import { join } from 'node:path';
import { build } from 'esbuild';

await build({
  absWorkingDir: join(import.meta.dirname, '..'),
  entryPoints: ['daemon/src/cli/vigia.ts'],
  outfile: process.argv[2] ?? 'dist/vigia.mjs',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node26',
  // Not minified: an error's line must be one that a person can read.
  legalComments: 'none',
  logLevel: 'warning',
  // Some packages are CommonJS and ask for Node's own parts by require.
  banner: {
    js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
});
