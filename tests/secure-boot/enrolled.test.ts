import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kernelComplaints, run } from '../lab/guest.ts';
import { installSigned, MODULES } from './signed-modules.ts';

/** Secure Boot after the advice was followed: the key that signed the installed modules is enrolled. */
const ROOT = join(import.meta.dirname, '../..');

test('the signed modules load, although there are unsigned ones beside the sources', () => {
  assert.match(readFileSync('/sys/kernel/security/lockdown', 'utf8'), /\[integrity\]/);
  for (const name of MODULES) assert.ok(existsSync(join(ROOT, `kernel/${name}.ko`)));
  installSigned(join(ROOT, 'payload/mok.key'), join(ROOT, 'payload/mok.pub'));
  assert.equal(run(join(ROOT, 'scripts/load-modules.sh')), 'continfo_so1 loaded\nsysinfo_so1 loaded');
  for (const name of MODULES)
    assert.equal(JSON.parse(readFileSync(`/proc/${name}_201903553`, 'utf8')).complete, true);
  run(join(ROOT, 'scripts/unload-modules.sh'));
  assert.deepEqual(kernelComplaints(), []);
});
