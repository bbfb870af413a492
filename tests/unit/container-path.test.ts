import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { cgroupPathOf, cgroupPathsOf } from '../../daemon/src/engine/cgroup.ts';
import { containerOf } from '../../daemon/src/engine/container-path.ts';

interface Vector {
  readonly path: string;
  readonly id: string | null;
  readonly cgroup: string | null;
  readonly why: string;
  /** The containers that the engine lists, and what the daemon says then. */
  readonly listed?: readonly string[];
  readonly listedId?: string | null;
  readonly listedCgroup?: string | null;
}

/** kernel/usertest/container_id_test.c reads the same file. */
const VECTORS: readonly Vector[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../contract/container-paths.json'), 'utf8'),
);

const found = (id: string | null | undefined, path: string | null | undefined) =>
  id == null ? null : { id, path };

for (const { path, id, cgroup, why, listed, listedId, listedCgroup } of VECTORS) {
  test(`${why}: ${path}${listed === undefined ? '' : ', listed by the engine'}`, () => {
    assert.deepEqual(containerOf(path), found(id, cgroup));
    if (listed !== undefined)
      assert.deepEqual(
        containerOf(path, (one) => listed.includes(one)),
        found(listedId, listedCgroup),
      );
  });
}

test('for any path: the ID is in the last segment of the path that is returned, which begins the given one', () => {
  const pieces = fc.constantFrom(
    ...['/', '/', '/', 'docker', '-', ':', '.scope', 'libpod', 'user@1.service', 'libpod_parent', 'é', ''],
    ...['a'.repeat(64), '0123456789abcdef'.repeat(4), 'F'.repeat(64)],
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 16 }), fc.boolean(), (parts, isKnown) => {
      const path = parts.join('');
      const match = containerOf(path, () => isKnown);
      if (match === null) return;
      assert.match(match.id, /^[0-9a-f]{64}$/);
      assert.ok(path === match.path || path.startsWith(`${match.path}/`));
      assert.ok(match.path.slice(match.path.lastIndexOf('/')).includes(match.id));
      assert.ok(!`${match.path}/`.includes('/user@1.service/'));
    }),
  );
});

test('on v1 the memory controller comes first, then every other hierarchy; on v2 there is one path', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'vigia-cgroup-'));
  t.after(() => rmSync(root, { recursive: true }));
  const text = '9:name=systemd:/init.scope\n4:memory:/docker/a:b\n2:cpu,cpuacct:/docker/a:b\n0::/unified\n';
  assert.deepEqual(cgroupPathsOf(text, root), ['/docker/a:b', '/init.scope', '/unified']);
  assert.equal(cgroupPathOf(text, root), '/docker/a:b');
  const withoutMemory = '2:cpu,cpuacct:/docker/a\n0::/unified\n';
  assert.deepEqual(cgroupPathsOf(withoutMemory, root), ['/docker/a', '/unified']);
  for (const bad of ['', 'x', '1:memory', ':', '\n\n']) assert.deepEqual(cgroupPathsOf(bad, root), []);
  writeFileSync(join(root, 'cgroup.controllers'), '');
  assert.deepEqual(cgroupPathsOf(text, root), ['/unified']);
});
