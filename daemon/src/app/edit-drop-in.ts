import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap, YAMLSeq } from 'yaml';
import { parseAddress } from '../model/compose.ts';
import type { ManageEntry, Remedy } from '../model/container-policy.ts';
import { MATCH_FIELDS } from './config-schema.ts';
import { DROP_IN_DIRECTORY } from './load-config.ts';

export type Placement = 'protect' | 'manage' | 'release';

/** Puts containers into one of the three lists. */
export interface Request {
  readonly placement: Placement;
  readonly match: ManageEntry['match'];
  /** For `manage`: null leaves the entry's own list as it is. */
  readonly allow: readonly Remedy[] | null;
}

/** The file that the commands write, beside a main file. */
export const dropInFileOf = (main: string): string =>
  join(dirname(main), DROP_IN_DIRECTORY, 'containers.yaml');

const HEADER = ` Written by "vigia protect", "vigia manage" and "vigia release".
 Edit it freely: the commands keep other entries and comments.`;

/** The text of the drop-in file after the request, which must be valid before. The same text when nothing changes. */
export function editDropIn(text: string, request: Request): string {
  const document = parseDocument(text);
  if (text.trim() === '') document.commentBefore = HEADER;
  const before = JSON.stringify(document.toJS());
  if (!isMap(document.contents)) document.contents = document.createNode({}) as never;
  place(document, request);
  return JSON.stringify(document.toJS()) === before ? text : document.toString({ lineWidth: 0 });
}

/** A name is in one of the three lists only. Other matches exist in `manage` only: releasing one removes its entry. */
function place(document: Document, { placement, match, allow }: Request): void {
  const { name } = match;
  const isName =
    name !== undefined && Object.values(match).filter((value) => value !== undefined).length === 1;
  if (isName)
    for (const list of ['protect', 'release'] as const) {
      const names = sequenceAt(document, [list, 'names']);
      if (list === placement) {
        if (indexOf(names, name) === -1) names.add(document.createNode(name));
      } else if (indexOf(names, name) !== -1) names.delete(indexOf(names, name));
      putBack(document, [list, 'names'], names);
    }
  // `shop/db` is a name in the lists, and project and service in an entry.
  const own = (isName ? parseAddress(name) : null) ?? match;
  const entries = sequenceAt(document, ['manage']);
  const found = entries.items.findIndex((item) => isMap(item) && isSameMatch(item, own));
  if (placement !== 'manage') {
    if (found !== -1) entries.delete(found);
  } else {
    const entry = found === -1 ? addEntry(document, entries, own) : (entries.items[found] as YAMLMap);
    if (allow !== null)
      entry.set('allow', document.createNode(allow.length === 0 ? 'none' : allow, { flow: true }));
  }
  putBack(document, ['manage'], entries);
}

/** The first entry that matches a container counts: one with a name comes before those that are about several. */
function addEntry(document: Document, entries: YAMLSeq, match: ManageEntry['match']): YAMLMap {
  const entry = document.createNode(match) as YAMLMap;
  const general = entries.items.findIndex((item) => isMap(item) && !item.has('name'));
  if (match.name === undefined || general === -1) entries.add(entry);
  else {
    // The parser gives the comment above the first entry to the list.
    const first: unknown = entries.items[0];
    if (general === 0 && isMap(first) && entries.commentBefore) {
      first.commentBefore = entries.commentBefore;
      entries.commentBefore = null;
    }
    entries.items.splice(general, 0, entry);
  }
  return entry;
}

const isSameMatch = (entry: YAMLMap, match: ManageEntry['match']): boolean =>
  MATCH_FIELDS.every((field) => entry.get(field) === match[field]);

const indexOf = (names: YAMLSeq, name: string): number =>
  names.items.findIndex((item) => (isScalar(item) ? item.value : item) === name);

function sequenceAt(document: Document, path: readonly string[]): YAMLSeq {
  const node: unknown = document.getIn(path, true);
  return isSeq(node) ? node : new YAMLSeq();
}

/** Stores the list; an empty one is left out, and so is its group. */
function putBack(document: Document, path: readonly string[], list: YAMLSeq): void {
  const [group = ''] = path;
  if (list.items.length > 0) document.setIn(path, list);
  else if (document.hasIn(path)) {
    document.deleteIn(path);
    const left: unknown = document.get(group, true);
    if (isMap(left) && left.items.length === 0) document.delete(group);
  }
}

/** Replaces the file as a whole: a reader sees the old text or the new one. Everybody may read it, as the page does. */
export function replaceFile(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  // Hidden, so that it is no drop-in file itself.
  const draft = join(dirname(file), `.${basename(file)}.${process.pid}`);
  const open = openSync(draft, 'w', 0o644);
  try {
    writeFileSync(open, text);
    fsyncSync(open);
  } finally {
    closeSync(open);
  }
  chmodSync(draft, 0o644);
  renameSync(draft, file);
}
