import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../lab/guest.ts';
import { ROOT } from './kit.ts';

/** Once is enough for the great crowd: on the machine whose kernel most people run today. */
const CROWD = run('uname', '-r').startsWith('6.12.') ? 20_000 : 2_000;

test('a storm of forks, readers, memory shortage, loading and unloading, and a crowd that dies', {
  timeout: 900_000,
}, (t) => {
  const { status, stdout, stderr } = spawnSync(
    join(ROOT, 'kernel/test/storm.sh'),
    ['30', join(ROOT, 'kernel'), `${CROWD}`],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  for (const line of stdout.split('\n')) if (/^(not )?ok/.test(line)) t.diagnostic(line);
  assert.equal(status, 0, stdout + stderr);
});
