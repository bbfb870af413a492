import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { kernelComplaints, run, status } from '../lab/guest.ts';

/** DKMS from the first build to the removal, with a kernel upgrade in between. Runs inside the lab machine. */
const ROOT = join(import.meta.dirname, '../..');
const NEWER = join(ROOT, 'newer-kernel');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const MODULE = `vigia/${version}`;
const MODULES = ['continfo_so1', 'sysinfo_so1'];

const running = run('uname', '-r');
/** The path of each module, as modinfo finds it for that kernel, and the kernel that it was built for. */
const installed = (kernel: string): string[] =>
  MODULES.map((name) => {
    const fields = ['filename', 'vermagic'].map((field) =>
      run('modinfo', '--set-version', kernel, '--field', field, name),
    );
    return `${fields[0]} for ${fields[1]?.split(' ', 1)[0]}`;
  });
const asExpected = (kernel: string): string[] =>
  MODULES.map((name) => `/lib/modules/${kernel}/updates/dkms/${name}.ko.xz for ${kernel}`);

after(() => {
  status('rmmod', ...MODULES);
});

test('dkms add registers the sources under the version of the package', () => {
  run('dkms', 'add', join(ROOT, 'kernel'));
  assert.match(run('dkms', 'status'), new RegExp(`^${MODULE}: added$`));
});

test('dkms build and install put both modules where modprobe finds them', () => {
  run('dkms', 'build', MODULE);
  run('dkms', 'install', MODULE);
  assert.deepEqual(installed(running), asExpected(running));
});

test('scripts/load-modules.sh loads the modules of DKMS when there are no modules beside the sources', () => {
  run('env', `VIGIA_KERNEL_DIR=${ROOT}/nowhere`, join(ROOT, 'scripts/load-modules.sh'));
  for (const name of MODULES)
    assert.equal(JSON.parse(readFileSync(`/proc/${name}_201903553`, 'utf8')).complete, true);
  run(join(ROOT, 'scripts/unload-modules.sh'));
});

test('a kernel upgrade builds both modules for the newer kernel and keeps those of the older one', () => {
  // The initramfs of the newer kernel is not under test, and building it takes minutes under emulation.
  const install = 'INITRD=No DEBIAN_FRONTEND=noninteractive dpkg --install';
  // The newer kernel needs the newer linux-base before it is unpacked.
  run('sh', '-c', `${install} ${NEWER}/linux-base_*.deb && ${install} ${NEWER}/*.deb`);
  const newer = readdirSync('/lib/modules').filter((kernel) => kernel !== running);
  assert.equal(newer.length, 1, newer.join());
  for (const kernel of [running, ...newer]) assert.deepEqual(installed(kernel), asExpected(kernel));
});

test('dkms remove leaves nothing behind, for any kernel', () => {
  run('dkms', 'remove', MODULE, '--all');
  assert.equal(run('dkms', 'status'), '');
  for (const kernel of readdirSync('/lib/modules'))
    for (const name of MODULES)
      assert.notEqual(status('modinfo', '--set-version', kernel, name), 0, `${name} for ${kernel}`);
  assert.deepEqual(kernelComplaints(), []);
});
