// Prints Debian's copyright file: our licence, and that of every npm package in the executable or in the page.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { carriedPackages } from './carried.mjs';

const root = join(import.meta.dirname, '..');
const versionOf = (name) =>
  JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;

const texts = carriedPackages().map((name) => {
  const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license']
    .map((candidate) => join(root, 'node_modules', name, candidate))
    .find(existsSync);
  if (file === undefined)
    throw new Error(`${name}: no licence text found; without it the package may not be distributed`);
  return `${name} ${versionOf(name)}\n\n${readFileSync(file, 'utf8').trim()}\n`;
});
const node = versionOf('node');

console.log(`Vigía is free software under the GNU General Public License, version 2 only;
on Debian its text is in /usr/share/common-licenses/GPL-2.

/usr/lib/vigia/vigia is Node.js ${node} with the daemon embedded. It and the page contain the packages below.
Node.js is under the MIT licence; the licences of its parts: https://github.com/nodejs/node/blob/v${node}/LICENSE

/usr/lib/vigia/bpf/build/load is linked statically with libbpf (BSD-2-Clause or LGPL-2.1), libelf (GPL-2.0-or-later or
LGPL-3.0-or-later), zlib (Zlib) and the GNU C library (LGPL-2.1-or-later), all as Debian packages them.

${texts.join('\n----\n\n')}`);
