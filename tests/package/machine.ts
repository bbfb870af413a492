import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { query, run } from '../lab/guest.ts';

/** Helpers of the package tests. The second file runs after a reboot of the lab machine, in another process. */
const ROOT = join(import.meta.dirname, '../..');
export const VERSION: string = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;
export const NEXT = `${VERSION}+next`;
export const MODULES = ['continfo_so1', 'sysinfo_so1'] as const;
export const CONFIG = '/etc/vigia/config.yaml';
export const CRON_FILE = '/etc/cron.d/vigia-workload';
export const UNITS = ['vigia-modules', 'vigia-bpf', 'vigia', 'vigia-page'] as const;

const NOTES = '/var/tmp/vigia-package-test.json';
const LISTING = '/var/tmp/vigia-package-test.files';

export interface Notes {
  readonly ticks: number;
  readonly oldest: number;
}

export const remember = (notes: Notes): void => writeFileSync(NOTES, JSON.stringify(notes));
export const recall = (): Notes => JSON.parse(readFileSync(NOTES, 'utf8'));

/** Number of the newest cycle and time of the oldest one. */
export function record(): Notes {
  const [row] = query('SELECT max(tick) AS ticks, min(at) AS oldest FROM cycle');
  return { ticks: Number(row?.['ticks']), oldest: Number(row?.['oldest']) };
}

export function apt(...args: string[]): string {
  const began = performance.now();
  const output = run('env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '--yes', ...args);
  console.log(`apt-get ${args.join(' ')}: ${((performance.now() - began) / 1000).toFixed(0)} s\n${output}\n`);
  return output;
}

export const packageFile = (version: string): string => join(ROOT, `payload/vigia_${version}_amd64.deb`);

export const property = (unit: string, name: string): string =>
  run('systemctl', 'show', '--value', '--property', name, unit);

export const isActive = (unit: string): boolean => property(unit, 'ActiveState') === 'active';

export const journal = (unit: string): string =>
  run('journalctl', '--unit', unit, '--output', 'cat', '--no-pager', '--boot');

/**
 * Paths that other programs write while the machine runs: Docker's folders, logs, lists and backups of the package
 * manager, and the signing key of DKMS, which it creates for the first module.
 */
const OF_OTHERS = [
  '/var/lib/docker',
  '/var/lib/containerd',
  '/var/log',
  '/var/cache',
  '/var/lib/apt',
  '/var/backups',
  '/var/tmp',
  '/tmp',
  '/root',
  '/var/lib/systemd/timers',
  '/var/lib/systemd/coredump',
  '/var/lib/dkms/mok.key',
  '/var/lib/dkms/mok.pub',
  '/etc/.pwd.lock',
];
const OF_OTHERS_BY_NAME =
  /\/(?:passwd|group|shadow|gshadow|subuid|subgid|status|available|templates\.dat|config\.dat|passwords\.dat)-(?:old)?$|-old$/;

/** Every path of the root file system except those. */
export function files(): string[] {
  return run('find', '/', '-xdev')
    .split('\n')
    .filter((path) => !OF_OTHERS.some((other) => path === other || path.startsWith(`${other}/`)))
    .filter((path) => !OF_OTHERS_BY_NAME.test(path))
    .sort();
}

export const keepListing = (): void => writeFileSync(LISTING, files().join('\n'));

/** Paths that were added and removed since `keepListing` was called. */
export function changes(): { added: string[]; removed: string[] } {
  const before = new Set(readFileSync(LISTING, 'utf8').split('\n'));
  const now = new Set(files());
  return {
    added: [...now].filter((path) => !before.has(path)),
    removed: [...before].filter((path) => !now.has(path)),
  };
}
