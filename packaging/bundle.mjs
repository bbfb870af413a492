// Bundles the daemon and its npm packages into one file, which the pinned Node runs without node_modules and without
// type stripping. Beside it the entry points of threads: record-thread.mjs of a simulation, watch-thread.mjs of the
// memory watch, proc-thread.mjs of the /proc sensor. The files that are read at run time (layout/paths.ts) are not included.
// usage: bundle.mjs [BUNDLE]     default dist/vigia.mjs
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';

const bundle = process.argv[2] ?? 'dist/vigia.mjs';
await build({
  absWorkingDir: join(import.meta.dirname, '..'),
  entryPoints: {
    [basename(bundle, '.mjs')]: 'daemon/src/cli/vigia.ts',
    'record-thread': 'daemon/src/app/record-thread.ts',
    'watch-thread': 'daemon/src/app/watch-thread.ts',
    'proc-thread': 'daemon/src/sense/proc-thread.ts',
  },
  outdir: dirname(bundle),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node26',
  // Not minified, so that the lines that an error quotes are readable.
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  // Some packages are CommonJS and load Node's built-in modules with require().
  banner: {
    js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
});
