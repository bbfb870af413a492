import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

const DIST = join(import.meta.dirname, '../../page/dist');
const MAX_BYTES = 61_440;

for (const language of ['es', 'en']) {
  test(`the JavaScript of any first view of the page in ${language} is at most 60 KiB gzipped`, () => {
    const all = globSync('assets/*.js', { cwd: DIST });
    const files = all.filter((file) => !file.includes('later-'));
    assert.equal(all.length - files.length, 2, 'rarely shown words come after the first view');
    const packs = files.filter((file) => file.includes('pack-'));
    assert.equal(packs.length, 2, packs.join(', '));
    const loadable = files.filter((file) => !packs.includes(file) || file.includes(`pack-${language}`));
    assert.equal(loadable.length, files.length - 1);
    const bytes = loadable.reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file))).length, 0);
    console.log(`${loadable.length} files, ${bytes} bytes gzipped`);
    assert.ok(bytes <= MAX_BYTES, `${bytes} bytes`);
  });
}

test('the page has no inline script or style and loads nothing from other hosts', () => {
  const html = readFileSync(join(DIST, 'index.html'), 'utf8');
  assert.match(html, /<script[^>]*\bsrc=/);
  assert.doesNotMatch(html, /<style|style=|https?:|<script(?![^>]*\bsrc=)/);
});
