import type { Facts, HostFacts, Probed } from '../../daemon/src/model/host-facts.ts';

/** A host on which nothing is off, for `vigia doctor`. */
export const HEALTHY: HostFacts = {
  configuration: { file: '/etc/vigia/config.yaml', error: null },
  managed: [],
  kernel: { release: '6.12.43+deb13-amd64' },
  modules: {
    modules: ['continfo_so1', 'sysinfo_so1'].map((name) => ({
      name,
      way: 'already-loaded' as const,
      identity: 'same' as const,
    })),
    because: null,
    tools: { hasHeaders: true, compiler: 'gcc-14', hasMake: true, install: 'apt-get install make' },
    signatures: { isSecureBoot: false, lockdown: 'none', isEnforced: false },
  },
  bpf: { state: 'loadable' },
  cgroups: { isUnified: true, controllers: ['cpuset', 'cpu', 'io', 'memory', 'pids'], hasPressure: true },
  engine: { version: '26.1.5+dfsg1', rootDirectory: '/var/lib/docker' },
  placing: { sensor: 'kernel', running: 2, because: null },
  cron: { hasDaemon: true, job: 'absent', isLoopRunning: false },
  compose: 'docker compose',
  pagePort: null,
  grafana: { state: 'running', listener: null },
  disks: [
    {
      path: '/var/lib/docker',
      totalBytes: 100 * 2 ** 30,
      availableBytes: 60 * 2 ** 30,
      totalInodes: 1000,
      freeInodes: 900,
    },
  ],
  clock: true,
  record: { path: '/var/lib/vigia/vigia.db', state: 'sound', detail: '' },
  recordAccess: [
    { path: '/var/lib/vigia', mode: 0o2750, uid: 0, gid: 990 },
    { path: '/var/lib/vigia/vigia.db', mode: 0o640, uid: 0, gid: 990 },
  ],
  unit: { isInstalled: true, file: '/usr/lib/systemd/system/vigia.service', state: 'active', loosened: [] },
  swap: [{ device: '/dev/vda2', mib: 2048 }],
};

/** The facts of a host, those that failed included. */
export function factsOf(
  host: Partial<HostFacts> = {},
  failed: { readonly [N in keyof HostFacts]?: Probed<never> } = {},
): Facts {
  const known = Object.entries({ ...HEALTHY, ...host }).map(([name, value]) => [
    name,
    { known: true, value },
  ]);
  return { ...(Object.fromEntries(known) as Facts), ...failed };
}

export const INSTALL = {
  cron: 'dnf install cronie',
  compose: 'dnf install docker-compose',
  docker: 'dnf install moby-engine',
  chrony: 'dnf install chrony',
};
