import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');

test('every rendered document is one file: links have targets, pictures are embedded, tables are rendered', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-manuals-'));
  t.after(() => rmSync(directory, { recursive: true }));
  execFileSync(process.execPath, [join(ROOT, 'packaging/manuals.mjs'), directory, '--html-only']);
  const files = readdirSync(directory);
  const page = (file: string) => readFileSync(join(directory, file), 'utf8');
  assert.ok(files.includes('manual-tecnico.html') && files.includes('manual-de-usuario.html'));
  const counts = { links: 0, pictures: 0, tables: 0 };
  for (const file of files) {
    counts.tables += page(file).match(/<table/g)?.length ?? 0;
    for (const [, href = ''] of page(file).matchAll(/<a href="([^"]+)"/g)) {
      if (/^https?:/.test(href)) continue;
      const [other = '', anchor] = href.split('#');
      assert.ok(other === '' || files.includes(other), `${file}: ${href}`);
      const where = page(other === '' ? file : other);
      assert.ok(
        anchor === undefined || where.includes(` id="${decodeURIComponent(anchor)}"`),
        `${file}: ${href}`,
      );
      counts.links += 1;
    }
    for (const [, source = ''] of page(file).matchAll(/<img src="([^"]{0,30})/g)) {
      assert.match(source, /^data:image\/(?:png|svg\+xml);base64,/);
      counts.pictures += 1;
    }
    assert.doesNotMatch(page(file), /^\||<p>\||```|mermaid/m, file);
  }
  assert.ok(counts.links > 10 && counts.pictures > 2 && counts.tables > 10, JSON.stringify(counts));
});

test('rendered, a block of commands says where they are typed', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-manuals-'));
  t.after(() => rmSync(directory, { recursive: true }));
  execFileSync(process.execPath, [join(ROOT, 'packaging/manuals.mjs'), directory, '--html-only']);
  for (const name of ['manual-de-usuario', 'manual-tecnico']) {
    const source = readFileSync(join(ROOT, 'docs', `${name}.md`), 'utf8');
    const html = readFileSync(join(directory, `${name}.html`), 'utf8');
    for (const [fence, caption] of [
      ['sh lab', 'en el laboratorio'],
      ['sh', 'en su equipo'],
    ]) {
      const blocks = source.match(new RegExp(`^ *\`\`\`${fence}$`, 'gm'))?.length ?? 0;
      assert.ok(blocks > 3, `${name}: ${fence}`);
      assert.equal(html.split(`<div class="place">${caption}</div>\n<pre `).length - 1, blocks, name);
    }
  }
});

test('without Chromium one line says what to install, and the HTML is there', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-manuals-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'packaging/manuals.mjs'), directory], {
    encoding: 'utf8',
    env: { ...process.env, CHROMIUM: join(directory, 'absent') },
  });
  assert.equal(status, 1);
  assert.match(stderr, /^packaging\/manuals\.mjs: there is no Chromium at \S+; install it with [^\n]+\n$/);
  assert.ok(readdirSync(directory).includes('manual-tecnico.html'));
});
