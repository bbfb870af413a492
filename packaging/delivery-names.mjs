// Adapts what delivery.sh has staged to the folder names of the delivery: the relative links of every Markdown
// document, and the scripts of package.json. A link whose target is not delivered becomes plain text.
// usage: delivery-names.mjs STAGE FOLDER=NAME-IN-THE-DELIVERY ...
import { existsSync, globSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const [stage, ...pairs] = process.argv.slice(2);
const root = join(import.meta.dirname, '..');
const names = pairs.map((pair) => pair.split('='));

/** `path` with the first of `prefixes` that it begins with replaced. */
function rename(path, prefixes) {
  const [from, to] = prefixes.find(([prefix]) => `${path}/`.startsWith(`${prefix}/`)) ?? ['', ''];
  return from === '' ? path : to + path.slice(from.length);
}
const toDelivery = (path) => rename(path, names);
const toRepository = (path) =>
  rename(
    path,
    names.map(([folder, name]) => [name, folder]),
  );

/** The same link as seen from `document`, a path in the delivery; null where its target is not delivered. */
function adapt(link, document) {
  if (/^(?:[a-z][a-z\d+.-]*:|[#/])/i.test(link)) return link;
  const [, path, anchor] = /^([^#]*)(#.*)?$/.exec(link);
  const source = posix.dirname(toRepository(document));
  const target = toDelivery(posix.normalize(posix.join(source, decodeURI(path))));
  if (target.startsWith('..') || !existsSync(join(stage, target))) return null;
  return (
    encodeURI(posix.relative(posix.dirname(document), target) || '.') +
    (path.endsWith('/') ? '/' : '') +
    (anchor ?? '')
  );
}

/** What is looked for, in this order: code, in which nothing is adapted; inline links and images; other links. */
const CODE =
  /^ {0,3}(?<fence>`{3,}|~{3,})[^\n]*\n[\s\S]*?^ {0,3}\k<fence>[`~]*[ \t]*$|(?<ticks>`+)(?!`)[\s\S]*?(?<!`)\k<ticks>(?!`)/;
const INLINE =
  /(?<mark>!?)\[(?<label>(?:[^[\]]|\[[^\]]*\](?:\([^)]*\))?)*)\]\((?<link>[^\s()]+)(?<title>\s+"[^"]*")?\)/;
const OTHER = /(?<before>^ {0,3}\[[^\]]+\]:\s*|<[a-z][^>]*\s(?:src|href|srcset)=")(?<other>[^\s">]+)/;
const LINKS = new RegExp([CODE, INLINE, OTHER].map(({ source }) => source).join('|'), 'gm');

function adaptLinks(text, document) {
  return text.replace(LINKS, (all, ...rest) => {
    const { mark, label, link, title = '', before, other } = rest.at(-1);
    if (before !== undefined) {
      const adapted = adapt(other, document);
      if (adapted === null)
        throw new Error(`${document}: ${other} is not delivered; write it as [text](${other})`);
      return before + adapted;
    }
    if (link === undefined) return all;
    const shown = adaptLinks(label, document);
    const adapted = adapt(link, document);
    return adapted === null ? shown : `${mark}[${shown}](${adapted}${title})`;
  });
}

for (const document of globSync('**/*.md', { cwd: stage })) {
  const file = join(stage, document);
  if (lstatSync(file).isSymbolicLink()) continue;
  writeFileSync(file, adaptLinks(readFileSync(file, 'utf8'), document));
}

const project = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { 'build:dashboards': dashboards, 'build:page': page, 'dev:page': develop } = project.scripts;
project.scripts = {
  check: 'tsc --noEmit && tsc --noEmit -p page',
  'build:dashboards': dashboards,
  'build:page': page,
  'dev:page': develop,
};
writeFileSync(join(stage, 'package.json'), `${JSON.stringify(project, null, 2)}\n`);
