import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CARNET, load, ROOT, unload } from '../kernel/kit.ts';
import { DATABASE, query, run, until } from '../lab/guest.ts';

/** The daemon on an arm64 machine with each sensor. There is no container engine: the daemon only watches. */
test('the machine is the one that this tier is about', (t) => {
  t.diagnostic(
    `${run('uname', '-rm')}, pages of ${run('getconf', 'PAGESIZE')} bytes, Node ${process.version}`,
  );
  assert.equal(process.arch, 'arm64');
});

/** The file exists before its tables do. */
function firstCycle() {
  try {
    return query('SELECT tick, sensor, plan, because, sense_ms, rss_kb FROM cycle ORDER BY tick LIMIT 1')[0];
  } catch {
    return undefined;
  }
}

async function observe(t: TestContext, sensor: 'kernel' | 'bpf' | 'procfs') {
  for (const suffix of ['', '-wal', '-shm']) rmSync(DATABASE + suffix, { force: true });
  const config = `/tmp/vigia-${sensor}.yaml`;
  writeFileSync(config, `sensor: ${sensor}\ncarnet: '${CARNET}'\n`);
  const child = spawn(process.execPath, ['daemon/src/cli/vigia.ts', '--config', config, 'run'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'exit');
  const cycle = await until('the first cycle', 600, () => {
    assert.equal(child.exitCode, null, errors);
    return firstCycle();
  });
  t.diagnostic(JSON.stringify(cycle));
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null], errors);
  assert.equal(cycle['sensor'], sensor);
}

test('the first cycle with /proc', (t) => observe(t, 'procfs'));

test('the first cycle with BPF', async (t) => {
  run(join(ROOT, 'scripts/load-bpf.sh'));
  t.after(() => run(join(ROOT, 'scripts/unload-bpf.sh')));
  await observe(t, 'bpf');
});

test('the first cycle with the modules', async (t) => {
  load();
  t.after(unload);
  await observe(t, 'kernel');
});
