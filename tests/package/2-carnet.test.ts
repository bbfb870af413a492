import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { kernelComplaints, query, run, status, until } from '../lab/guest.ts';
import { CONFIG, isActive, journal, MODULES, property, record, remember, UNITS } from './machine.ts';

/** Another carnet on a host where the package runs: by the documented command, and by one that forgets the modules. */

const RESTART = ['systemctl', 'restart', 'vigia-modules', 'vigia', 'vigia-page'] as const;
const DEFAULT_CARNET = '201903553';

let original = '';
before(() => {
  original = readFileSync(CONFIG, 'utf8');
});
after(() => {
  writeFileSync(CONFIG, original);
  restart(...RESTART);
});

/** Runs the documented command, or the same as a message names it. */
function restart(...command: string[]): void {
  const { status, stderr } = spawnSync(command[0] ?? '', command.slice(1), { encoding: 'utf8' });
  assert.equal(status, 0, `${stderr}\n${UNITS.map((unit) => journal(unit)).join('\n--\n')}`);
}

const configure = (...lines: string[]): void => writeFileSync(CONFIG, `${original}${lines.join('\n')}\n`);
const publishedBy = (carnet: string): boolean[] =>
  MODULES.map((name) => existsSync(`/proc/${name}_${carnet}`));

function newestSensor(): unknown {
  return query('SELECT sensor FROM cycle ORDER BY tick DESC LIMIT 1')[0]?.['sensor'];
}

/** Every unit runs, and the modules publish under this carnet and no other one. */
async function assertRunsWith(carnet: string): Promise<void> {
  for (const unit of UNITS) assert.equal(isActive(unit), true, journal(unit));
  for (const name of MODULES) {
    assert.equal(JSON.parse(readFileSync(`/proc/${name}_${carnet}`, 'utf8')).complete, true);
    assert.deepEqual(
      run('sh', '-c', `ls -d /proc/${name}_*`).split('\n'),
      [`/proc/${name}_${carnet}`],
      'the modules of the other carnet are unloaded',
    );
  }
  assert.equal(newestSensor(), 'kernel');
  await until('a recent cycle', 300, () => /running .*sensor kernel/.test(run('vigia', 'status')));
}

test('carnet in the configuration, then the documented command: both files have the new name', async () => {
  assert.deepEqual(publishedBy(DEFAULT_CARNET), [true, true]);
  configure('carnet: "202012345"');
  restart(...RESTART);
  await assertRunsWith('202012345');
  await until(
    'the page',
    60,
    () => status('curl', '--silent', '--fail', '--output', '/dev/null', 'http://127.0.0.1:8080/') === 0,
  );
});

test('when only vigia is restarted it starts all the same, and names the command that loads the modules again', async () => {
  configure('carnet: "202054321"');
  run('systemctl', 'restart', 'vigia');
  assert.equal(isActive('vigia'), true);
  assert.equal(property('vigia', 'NRestarts'), '0');
  assert.equal(newestSensor(), 'bpf');
  const [fault = ''] = /^fault .*202054321.*$/m.exec(run('vigia', 'status')) ?? [];
  console.log(fault);
  assert.ok(
    journal('vigia').includes(fault.replace(/^fault +continfo: /, '')),
    'the journal has the same reason',
  );
  const [, command = ''] = /run "(.*)"$/.exec(fault) ?? [];
  assert.equal(command, RESTART.join(' '));
  restart('sh', '-c', command);
  await assertRunsWith('202054321');
  assert.doesNotMatch(run('vigia', 'status'), /^fault /m);
});

test('where the configuration demands the modules, a restart of vigia alone fails with the same command', async () => {
  configure('carnet: "202099999"', 'sensor: kernel');
  assert.notEqual(status('systemctl', 'restart', 'vigia'), 0);
  assert.match(
    journal('vigia'),
    /requires the kernel modules \(sensor: kernel\): .*202099999.*systemctl restart vigia-modules vigia vigia-page"/,
  );
  restart(...RESTART);
  await assertRunsWith('202099999');
});

test('modules that were loaded by hand, with another carnet, are replaced by the same command', async () => {
  run('systemctl', 'stop', 'vigia', 'vigia-modules');
  run('vigia', 'modules', 'load');
  assert.deepEqual(publishedBy('202099999'), [true, true]);
  configure('carnet: "202011111"');
  restart(...RESTART);
  await assertRunsWith('202011111');
});

test('without vigia-modules the loop reads the BPF iterator, and says which service loads the modules', async () => {
  run('systemctl', 'stop', 'vigia', 'vigia-modules');
  run('systemctl', 'mask', '--runtime', 'vigia-modules');
  try {
    configure();
    run('systemctl', 'start', 'vigia');
    assert.equal(newestSensor(), 'bpf');
    const [warning = ''] = /^.*not loaded: continfo_so1 sysinfo_so1\..*$/m.exec(journal('vigia')) ?? [];
    console.log(warning);
    assert.match(warning, /This service may not load modules; vigia-modules\.service does/);
    assert.match(warning, /run "systemctl restart vigia-modules vigia vigia-page"$/);
  } finally {
    run('systemctl', 'unmask', '--runtime', 'vigia-modules');
  }
  restart(...RESTART);
  await assertRunsWith(DEFAULT_CARNET);
  assert.deepEqual(kernelComplaints(), []);
  remember(record());
});
