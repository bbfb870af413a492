import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CONTINFO, containers, load, program, SYSINFO, TOOLS, unload } from '../kernel/kit.ts';
import { kernelComplaints } from '../lab/guest.ts';

/** Both modules on arm64 against /proc and cgroupfs, with cgroups that look like containers. */
const crowd = spawn(join(TOOLS, 'crowd'), ['60', '12', '/sys/fs/cgroup'], {
  stdio: ['pipe', 'pipe', 'inherit'],
});

before(async () => {
  await once(crowd.stdout, 'data');
  load();
});
after(async () => {
  crowd.stdin.end();
  await once(crowd, 'exit');
});

test('every field of every container and process agrees with cgroupfs and /proc', (t) => {
  assert.equal(containers().length, 12);
  const output = program(
    'differential',
    ...['--rounds', '2', '--json', '/tmp/truth.json', SYSINFO, CONTINFO],
  );
  for (const line of output.split('\n')) if (line.startsWith('# ')) t.diagnostic(line.slice(2));
  const table: { field: string; compared: number }[] = JSON.parse(readFileSync('/tmp/truth.json', 'utf8'));
  assert.ok(table.length > 30, `${table.length} fields`);
});

test('hostile processes cannot break the JSON', () => {
  program('hostile', SYSINFO);
});

test('unloading removes both files, and the kernel log has no complaint', () => {
  unload();
  assert.deepEqual([existsSync(CONTINFO), existsSync(SYSINFO)], [false, false]);
  assert.deepEqual(kernelComplaints(), []);
});
