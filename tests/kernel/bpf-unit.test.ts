import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BPF_PIN, BpfIterator } from '../../daemon/src/sense/bpf-iterator.ts';
import { run, status } from '../lab/guest.ts';
import { ROOT } from './kit.ts';

/** The package's unit, with its restrictions, on a tree that stands where the package would be. */
const HOME = '/usr/lib/vigia';
const UNIT = '/etc/systemd/system/vigia-bpf.service';
const [major = 0, minor = 0] = release().split('.').map(Number);
const takesBpf = major > 5 || (major === 5 && minor >= 15);

before(() => {
  assert.equal(existsSync(HOME), false, `${HOME} belongs to an installed package`);
  run('ln', '-s', ROOT, HOME);
  run('cp', join(ROOT, 'packaging/units/vigia-bpf.service'), UNIT);
  run('groupadd', '--system', '--force', 'vigia');
  run('systemctl', 'daemon-reload');
});
after(() => {
  status('systemctl', 'stop', 'vigia-bpf');
  run('rm', '-f', HOME, UNIT);
  run('systemctl', 'daemon-reload');
});

test('vigia-bpf.service loads the iterator for root and the group, and removes it when it stops', async () => {
  run('systemctl', 'start', 'vigia-bpf');
  // The unit has ended before the journal has written its last line.
  run('journalctl', '--sync');
  const log = run('journalctl', '--no-pager', '--unit', 'vigia-bpf');
  assert.equal(existsSync(BPF_PIN), takesBpf, log);
  if (!takesBpf) {
    assert.match(log, /it needs Linux 5\.15 or newer/);
    return;
  }
  const group = Number(run('getent', 'group', 'vigia').split(':')[2]);
  const { uid, gid, mode } = statSync(BPF_PIN);
  assert.deepEqual([uid, gid, mode & 0o777], [0, group, 0o440]);
  const { rssSource, processes } = await new BpfIterator().readTasks();
  assert.equal(rssSource, major === 6 && minor < 2 ? 'atomic' : 'summed', log);
  assert.ok(processes.some(({ pid }) => pid === process.pid));
  // The loop's service may not load it, and finds that it is there.
  const asLoop = [
    ...['ProtectKernelTunables=yes', 'ProtectSystem=strict', 'RuntimeDirectory=vigia'],
    ...['RuntimeDirectoryPreserve=yes', 'CapabilityBoundingSet=CAP_CHOWN CAP_SYS_PTRACE CAP_KILL'],
  ].flatMap((property) => ['--property', property]);
  const inLoop = (...command: string[]) =>
    run('systemd-run', '--quiet', '--wait', '--pipe', ...asLoop, ...command);
  assert.equal(inLoop(`${HOME}/scripts/load-bpf.sh`), 'tasks already-loaded');
  assert.equal(Number(inLoop('sh', '-c', `wc -c <${BPF_PIN}`)) > 1000, true);
  // A second start, as after an upgrade, replaces it.
  run('systemctl', 'restart', 'vigia-bpf');
  assert.equal(existsSync(BPF_PIN), true);
  run('systemctl', 'stop', 'vigia-bpf');
  assert.equal(existsSync(BPF_PIN), false);
});
