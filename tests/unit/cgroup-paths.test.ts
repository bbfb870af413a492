import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CgroupPaths } from '../../daemon/src/sense/cgroup-paths.ts';

/** A fake cgroupfs and /proc. */
function host(t: TestContext, version: 1 | 2) {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-cgroups-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const [proc, root] = [join(dir, 'proc'), join(dir, 'cgroup')];
  mkdirSync(root);
  if (version === 2) writeFileSync(join(root, 'cgroup.controllers'), 'memory\n');
  const idOf = (path: string): number => {
    const directory = join(root, version === 2 ? '' : 'memory', path);
    mkdirSync(directory, { recursive: true });
    return statSync(directory).ino;
  };
  const move = (pid: number, path: string): void => {
    mkdirSync(join(proc, `${pid}`), { recursive: true });
    writeFileSync(
      join(proc, `${pid}/cgroup`),
      version === 2 ? `0::${path}\n` : `9:cpu:/other\n4:memory:${path}\n`,
    );
  };
  return { paths: new CgroupPaths(proc, root), idOf, move };
}

for (const version of [1, 2] as const)
  test(`cgroup v${version}: a path counts when its directory has the ID`, (t) => {
    const { paths, idOf, move } = host(t, version);
    const [shop, web] = [idOf('/docker/shop'), idOf('/docker/web')];
    move(1, '/docker/web');
    assert.equal(paths.pathOf(shop, 1), null, 'the process has moved to another cgroup');
    assert.equal(paths.pathOf(shop, 99), null, 'the process has ended');
    move(2, '/docker/shop');
    assert.equal(paths.pathOf(shop, 2), '/docker/shop');
    assert.equal(paths.pathOf(web, 1), '/docker/web');
  });

test('a known path is kept while it is asked for, and only so long', (t) => {
  const { paths, idOf, move } = host(t, 2);
  const id = idOf('/docker/web');
  move(1, '/docker/web');
  paths.pathOf(id, 1);
  paths.endReading();
  assert.equal(paths.pathOf(id, 99), '/docker/web', 'kept from the reading before');
  paths.endReading();
  paths.endReading();
  assert.equal(paths.pathOf(id, 99), null, 'forgotten');
});

test('a cgroup that no process tells the path of is asked for a few times only, in each reading', (t) => {
  const { paths, idOf, move } = host(t, 2);
  const id = idOf('/docker/web');
  move(7, '/docker/web');
  for (const pid of [1, 2, 3]) assert.equal(paths.pathOf(id, pid), null);
  assert.equal(paths.pathOf(id, 7), null);
  paths.endReading();
  assert.equal(paths.pathOf(id, 7), '/docker/web');
});
