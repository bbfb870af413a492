import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../lab/guest.ts';
import { ROOT } from './kit.ts';

/** Number of processes that exit at once: the large number only on the kernel of current Debian. */
const PROCESSES = run('uname', '-r').startsWith('6.12.') ? 20_000 : 2_000;

test('the modules survive fork storms, readers, memory shortage, loading and unloading, and many processes that exit at once', {
  timeout: 900_000,
}, (t) => {
  const { status, stdout, stderr } = spawnSync(
    join(ROOT, 'kernel/test/storm.sh'),
    ['30', join(ROOT, 'kernel'), `${PROCESSES}`],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  for (const line of stdout.split('\n')) if (/^(not )?ok/.test(line)) t.diagnostic(line);
  assert.equal(status, 0, stdout + stderr);
});
