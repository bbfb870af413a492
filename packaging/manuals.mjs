// Renders every document of docs/ to HTML, one file each with its pictures in it, and to PDF by Debian's Chromium.
// usage: manuals.mjs TARGET-DIRECTORY [--html-only]
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { Marked } from 'marked';
import { chromium } from 'playwright-core';

const docs = join(import.meta.dirname, '../docs');
const [target = 'dist/manuales', option] = process.argv.slice(2);

const TYPES = { '.png': 'image/png', '.svg': 'image/svg+xml' };
const escapeHtml = (text) =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

/** GitHub's anchors, which the documents' own links use: lower case, punctuation dropped, blanks to hyphens. */
const anchorOf = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const marked = new Marked({
  renderer: {
    heading({ tokens, depth, text }) {
      return `<h${depth} id="${anchorOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
    },
    image({ href, text }) {
      const data = readFileSync(join(docs, href)).toString('base64');
      return `<img src="data:${TYPES[extname(href)]};base64,${data}" alt="${escapeHtml(text)}">`;
    },
    link({ href, tokens }) {
      const label = this.parser.parseInline(tokens);
      // What lies outside of docs/ is in the repository, and not beside the rendered file.
      if (href.startsWith('../')) return label;
      return `<a href="${escapeHtml(href.replace(/^([\w-]+)\.md/, '$1.html'))}">${label}</a>`;
    },
    code({ text, lang }) {
      if (lang === 'mermaid') throw new Error('a mermaid diagram is drawn by GitHub only: make it a picture');
      return `<pre><code>${escapeHtml(text)}</code></pre>\n`;
    },
    table(token) {
      const row = (cells, tag) =>
        `<tr>${cells.map(({ tokens }, i) => `<${tag}${token.align[i] ? ` class="${token.align[i]}"` : ''}>${this.parser.parseInline(tokens)}</${tag}>`).join('')}</tr>`;
      const hasHead = token.header.some(({ text }) => text !== '');
      return `<table>${hasHead ? `<thead>${row(token.header, 'th')}</thead>` : ''}<tbody>${token.rows.map((cells) => row(cells, 'td')).join('\n')}</tbody></table>\n`;
    },
  },
});

const STYLE = `
@page { size: A4; margin: 18mm 16mm; }
body { font: 11pt/1.45 "Liberation Sans", "DejaVu Sans", sans-serif; color: #1a1a1a; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 2em; } h2 { border-bottom: 1px solid #ccc; padding-bottom: .2em; margin-top: 2em; }
h1, h2, h3 { line-height: 1.2; break-after: avoid; }
a { color: #0b5394; }
code, pre { font-family: "DejaVu Sans Mono", monospace; font-size: .85em; }
code { background: #f2f2f2; border-radius: 3px; padding: 0 .2em; overflow-wrap: anywhere; }
pre { background: #f6f6f6; border: 1px solid #ddd; border-radius: 4px; padding: .6em .8em; white-space: pre-wrap; overflow-wrap: anywhere; }
pre code { background: none; padding: 0; font-size: inherit; }
table { border-collapse: collapse; width: 100%; margin: 1em 0; font-size: .85em; }
th, td { border: 1px solid #ccc; padding: .3em .5em; text-align: left; vertical-align: top; }
th { background: #eee; } .right { text-align: right; } thead { display: table-header-group; } tr { break-inside: avoid; }
td code { overflow-wrap: break-word; }
img { max-width: 100%; display: block; margin: 1em auto; break-inside: avoid; }
@media print { body { font-size: 9.5pt; max-width: none; margin: 0; padding: 0; } img { max-height: 230mm; } pre { font-size: 6.8pt; } }
`;

mkdirSync(target, { recursive: true });
const files = globSync('*.md', { cwd: docs }).sort();
for (const file of files) {
  const source = readFileSync(join(docs, file), 'utf8');
  const title = /^# (.+)$/m.exec(source)?.[1] ?? file;
  const language = file.startsWith('manual-') ? 'es' : 'en';
  writeFileSync(
    join(target, `${basename(file, '.md')}.html`),
    `<!doctype html>\n<html lang="${language}">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>${escapeHtml(title)}</title>\n<style>${STYLE}</style>\n</head>\n<body>\n${marked.parse(source)}</body>\n</html>\n`,
  );
}

if (option !== '--html-only') {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  const page = await browser.newPage({ javaScriptEnabled: false });
  for (const file of files) {
    const name = join(target, basename(file, '.md'));
    await page.setContent(readFileSync(`${name}.html`, 'utf8'), { waitUntil: 'load' });
    await page.pdf({
      path: `${name}.pdf`,
      preferCSSPageSize: true,
      printBackground: true,
      outline: true,
      tagged: true,
      displayHeaderFooter: true,
      headerTemplate: '<span></span>',
      footerTemplate:
        '<div style="width: 100%; font: 8px sans-serif; text-align: center"><span class="pageNumber"></span> / <span class="totalPages"></span></div>',
    });
  }
  await browser.close();
}
