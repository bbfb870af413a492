import { existsSync, readFileSync } from 'node:fs';
import { CGROUP_ROOT, isUnified, readText } from '../engine/cgroup-files.ts';
import type { HostFacts } from '../model/host-facts.ts';

/** The release of the running kernel. */
export const kernelFacts = (proc = '/proc'): HostFacts['kernel'] => ({
  release: readFileSync(`${proc}/sys/kernel/osrelease`, 'utf8').trim(),
});

export function cgroupFacts(root: string = CGROUP_ROOT, proc = '/proc'): HostFacts['cgroups'] {
  const unified = isUnified(root);
  const controllers = unified
    ? (readText(`${root}/cgroup.controllers`) ?? '').trim().split(/\s+/)
    : controllersOfV1(readText(`${proc}/cgroups`) ?? '');
  return { isUnified: unified, controllers, hasPressure: existsSync(`${proc}/pressure/memory`) };
}

/** Columns of /proc/cgroups: name, hierarchy, number of cgroups, enabled. */
const controllersOfV1 = (table: string): string[] =>
  table.split('\n').flatMap((line) => {
    const [name = '', , , enabled] = line.split(/\s+/);
    return enabled === '1' ? [name] : [];
  });

/** Columns of /proc/swaps: path, type, size and use in KiB, priority. */
export const swapFacts = (proc = '/proc'): HostFacts['swap'] =>
  (readText(`${proc}/swaps`) ?? '')
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [device = '', , kib] = line.trim().split(/\s+/);
      return kib === undefined ? [] : [{ device, mib: Math.round(Number(kib) / 1024) }];
    });
