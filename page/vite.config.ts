import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** Each text beside its compressed self, so that the server need not do it for every viewer. */
const compressed: Plugin = {
  name: 'compressed',
  writeBundle({ dir = '' }, bundle) {
    for (const name of Object.keys(bundle).filter((file) => /^assets\/.*\.(js|css)$/.test(file))) {
      const file = join(dir, name);
      writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
    }
  },
};

/** Without uPlot, the charting library, which comes with the first chart. */
const CORE =
  /node_modules\/(@preact|preact)\/|page\/src\/[^/]+\.tsx?$|page\/src\/words\/(index|render-reason|catalogue-words)\.ts|vite\/preload-helper|page\/src\/parts\/(badges|limits|sparkline|states|lazy|findings|host-bar|command)\.tsx|daemon\/src\/words\/render/;

/** `npm run build:page`: page/dist, which the server hands out as it is. `npm run dev:page` beside a running `vigia serve`. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [compressed],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    // Nothing inline: the policy of the page allows neither inline scripts nor data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What every view needs is one file, and what all tables need another: many small files compress worse.
          groups: [
            { name: 'core', test: CORE },
            { name: 'tables', test: /page\/src\/parts\/(data-table|choice|process-table)/ },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
