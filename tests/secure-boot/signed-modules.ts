import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../lab/guest.ts';

const ROOT = join(import.meta.dirname, '../..');
export const MODULES = ['continfo_so1', 'sysinfo_so1'];
/** Where DKMS installs modules, for modprobe. */
export const INSTALLED = `/lib/modules/${run('uname', '-r')}/updates/dkms`;

/** Installs both modules, signed, as DKMS does. */
export function installSigned(privateKey: string, publicKey: string): void {
  mkdirSync(INSTALLED, { recursive: true });
  const signer = run('sh', '-c', 'ls /usr/lib/linux-kbuild-*/scripts/sign-file');
  for (const name of MODULES) {
    const target = join(INSTALLED, `${name}.ko`);
    copyFileSync(join(ROOT, 'kernel', `${name}.ko`), target);
    run(signer, 'sha256', privateKey, publicKey, target);
  }
  run('depmod');
}
