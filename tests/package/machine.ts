import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { query, run } from '../lab/guest.ts';

/** What the tests of the package share: they go on after a reboot of the lab machine, in a process of their own. */
const ROOT = join(import.meta.dirname, '../..');
export const VERSION: string = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;
export const NEXT = `${VERSION}+next`;
export const MODULES = ['continfo_so1', 'sysinfo_so1'] as const;
export const CONFIG = '/etc/vigia/config.yaml';
export const CRON_FILE = '/etc/cron.d/vigia-workload';
export const UNITS = ['vigia-modules', 'vigia', 'vigia-page'] as const;

const NOTES = '/var/tmp/vigia-package-test.json';
const LISTING = '/var/tmp/vigia-package-test.files';

export interface Notes {
  readonly ticks: number;
  readonly oldest: number;
}

export const remember = (notes: Notes): void => writeFileSync(NOTES, JSON.stringify(notes));
export const recall = (): Notes => JSON.parse(readFileSync(NOTES, 'utf8'));

/** How far the record goes, and where it begins. */
export function record(): Notes {
  const [row] = query('SELECT max(tick) AS ticks, min(at) AS oldest FROM cycle');
  return { ticks: Number(row?.['ticks']), oldest: Number(row?.['oldest']) };
}

export function apt(...args: string[]): string {
  const began = performance.now();
  const said = run('env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '--yes', ...args);
  console.log(`apt-get ${args.join(' ')}: ${((performance.now() - began) / 1000).toFixed(0)} s\n${said}\n`);
  return said;
}

export const packageFile = (version: string): string => join(ROOT, `payload/vigia_${version}_amd64.deb`);

export const property = (unit: string, name: string): string =>
  run('systemctl', 'show', '--value', '--property', name, unit);

export const isActive = (unit: string): boolean => property(unit, 'ActiveState') === 'active';

export const journal = (unit: string): string =>
  run('journalctl', '--unit', unit, '--output', 'cat', '--no-pager', '--boot');

/**
 * What others write while the machine runs: Docker's own folders, logs, the package manager's lists and backups, DKMS's
 * signing key (made once, whoever's modules come first).
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

/** Every path of the root file system, but those. */
export function files(): string[] {
  return run('find', '/', '-xdev')
    .split('\n')
    .filter((path) => !OF_OTHERS.some((other) => path === other || path.startsWith(`${other}/`)))
    .filter((path) => !OF_OTHERS_BY_NAME.test(path))
    .sort();
}

export const keepListing = (): void => writeFileSync(LISTING, files().join('\n'));

/** What is there now and was not when `keepListing` was called, and the other way round. */
export function changes(): { more: string[]; less: string[] } {
  const before = new Set(readFileSync(LISTING, 'utf8').split('\n'));
  const now = new Set(files());
  return {
    more: [...now].filter((path) => !before.has(path)),
    less: [...before].filter((path) => !now.has(path)),
  };
}
