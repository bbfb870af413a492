// Puts the daemon and its packages into one file (dist/vigia.mjs, or the one given), which the pinned Node runs without
// node_modules and without stripping types; beside it record-thread.mjs, where a simulation's second thread begins.
// What it reads at run time (layout/paths.ts) stays outside.
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';

const bundle = process.argv[2] ?? 'dist/vigia.mjs';
await build({
  absWorkingDir: join(import.meta.dirname, '..'),
  entryPoints: {
    [basename(bundle, '.mjs')]: 'daemon/src/cli/vigia.ts',
    'record-thread': 'daemon/src/app/record-thread.ts',
  },
  outdir: dirname(bundle),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node26',
  // Not minified: an error's line must be one that a person can read.
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  // Some packages are CommonJS and ask for Node's own parts by require.
  banner: {
    js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
});
