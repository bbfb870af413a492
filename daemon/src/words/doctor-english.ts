import type { DoctorWords } from './doctor-catalogue.ts';

const MISSING = { headers: "the kernel's headers", compiler: 'a compiler', make: 'make' } as const;
const SOURCE = {
  installed: 'they are installed (DKMS)',
  file: 'they are built for this kernel',
  build: 'they can be built here',
} as const;

export const doctorEnglish: DoctorWords = {
  states: { ok: 'ok', note: 'note', problem: 'PROBLEM' },
  checks: {
    configuration: 'configuration',
    managed: 'manage entries',
    kernel: 'kernel',
    signatures: 'Secure Boot',
    build: 'headers, compiler',
    modules: 'kernel modules',
    bpf: 'BPF iterator',
    cgroups: 'cgroups',
    pressure: 'pressure (PSI)',
    swap: 'swap',
    engine: 'engine',
    placing: 'sensor',
    cron: 'cron',
    compose: 'Docker Compose',
    pagePort: 'port of the page',
    grafana: 'Grafana',
    disks: 'disk',
    clock: 'clock',
    record: 'record',
    recordAccess: 'record for Grafana',
    unit: 'systemd unit',
  },
  findings: {
    'probe-failed': ({ because }, say) => `cannot be checked: ${say.render(because)}`,
    'probe-too-slow': () => 'cannot be checked: no answer in time',

    'configuration-valid': ({ file }) => `${file} is valid`,
    'configuration-defaults': () => 'no file: the defaults apply',
    'configuration-invalid': ({ error }) => [
      `not valid, so that the rest is judged by the defaults: ${error}`,
      'correct these lines; "vigia config show" lists all settings',
    ],
    'entry-without-effect': ({ because }, say) => [
      say.render(because),
      'correct or remove the entry; "vigia plan" shows all containers',
    ],
    'entries-match': () => 'each entry matches a container',

    'kernel-suits': ({ release }) => `Linux ${release}`,
    'kernel-old': ({ release }) => [
      `Linux ${release} is older than 5.10: neither the modules nor the BPF iterator run on it`,
      'boot a newer kernel, or leave it: Vigía reads /proc instead',
    ],
    'signatures-free': () => 'modules need no signature',
    'signatures-demanded': ({ secureBoot, lockdown }) => [
      `the kernel takes only signed modules (Secure Boot ${secureBoot ? 'on' : 'off'}, lockdown ${lockdown === '' ? 'unknown' : lockdown})`,
      'sign them through DKMS and enrol its key with mokutil; the BPF iterator needs no signature',
    ],
    'tools-present': ({ compiler }) => `headers, ${compiler} and make are here`,
    'tools-missing': ({ missing, install }) => [
      `${missing.map((name) => MISSING[name]).join(', ')} missing: the modules cannot be built`,
      install,
    ],
    'modules-loaded': () => 'loaded',
    'modules-of-other-sources': ({ names }) => [
      `loaded, but not built from the sources that are installed: ${names}`,
      'sudo vigia modules unload && sudo vigia modules load',
    ],
    'modules-loadable': ({ from }) => `not loaded; "vigia up" loads them: ${SOURCE[from]}`,
    'modules-refused': ({ because, isDemanded }, say) => [
      say.render(because),
      isDemanded
        ? 'or set sensor: auto, which reads the BPF iterator or /proc instead'
        : 'or leave it: Vigía reads the BPF iterator or /proc instead',
    ],
    'modules-not-wanted': ({ sensor }) => `not wanted (sensor: ${sensor})`,
    'bpf-loaded': () => 'loaded',
    'bpf-loadable': () => 'not loaded; "vigia up" loads it where the modules are not loaded',
    'bpf-refused': ({ because }, say) => [say.render(because), 'or leave it: Vigía reads /proc instead'],

    'cgroups-suit': ({ version }) => `version ${version}, with every controller that Vigía uses`,
    'cgroups-old': () => [
      'version 1: memory cannot be held (memory.high) nor I/O limited (io.max)',
      'boot with systemd.unified_cgroup_hierarchy=1',
    ],
    'controllers-missing': ({ names }) => [
      `controllers missing: ${names}; these limits cannot be set`,
      'enable them in the kernel, or leave it',
    ],
    'memory-controller-missing': () => [
      'the memory controller is off: what containers hold is not known',
      'boot with cgroup_enable=memory',
    ],
    'pressure-measured': () => 'measured',
    'pressure-missing': () => [
      'not measured: Vigía notices short memory by what is available alone, and no I/O storm',
      'boot with psi=1 (the kernel needs CONFIG_PSI)',
    ],
    'swap-present': ({ devices, mib }, say) => `${say.number(mib / 1024, 1)} GiB (${devices})`,
    'swap-in-memory': ({ devices, mib }, say) =>
      `${say.number(mib / 1024, 1)} GiB, compressed in memory (${devices})`,
    'swap-absent': () => [
      'none: memory that a service is held to has nowhere to go but its files, so that holding it slows it more',
      'add a swap file or zram, or leave it',
    ],

    'engine-answers': ({ version }) => `version ${version}`,
    'engine-old': ({ version, install }) => [
      `version ${version}; Vigía is tested with 20.10 and later`,
      install,
    ],
    'engine-silent': ({ because, install }, say) => [
      say.render(because),
      `where no engine is installed: ${install}`,
    ],
    'containers-placed': ({ sensor, running }) =>
      running === 0
        ? `${sensor}; no container runs`
        : `${sensor}; finds the ${running} running container${running === 1 ? '' : 's'}`,
    'containers-not-placed': ({ because }, say) => [
      say.render(because),
      'run Vigía on the host itself, beside its engine',
    ],

    'cron-ready': () => 'a cron daemon runs',
    'cron-not-wanted': () => 'no job is wanted (only with demo: true or cron.install, in mode enforce)',
    'cron-without-daemon': ({ install }) => [
      'no cron daemon runs, so that no program reads the cron job',
      install,
    ],
    'cron-left-over': () => [
      'a cron job is left although Vigía does not run; it starts nothing meanwhile',
      'sudo vigia cron remove',
    ],
    'cron-altered': () => ['the cron job is not as Vigía wrote it', 'sudo vigia cron install'],
    'cron-missing': () => ['the cron job is missing while Vigía runs', 'sudo vigia cron install'],

    'compose-present': ({ command }) => command,
    'compose-missing': ({ install }) => [
      'not installed: Vigía cannot start Grafana',
      `${install}; or set grafana: { start: false }`,
    ],
    'port-free': ({ port }) => `${port} is free`,
    'port-ours': ({ port }) => `Vigía serves it on ${port}`,
    'port-taken': ({ port, by, pid }) => [
      `${port} is taken by ${by === '' ? 'another program' : by}${pid === null ? '' : ` (process ${pid})`}`,
      port === 3000
        ? 'end that program, or set VIGIA_GRAFANA_PORT to a free port'
        : 'end that program, or set page.port to a free one',
    ],
    'grafana-runs': () => 'its container runs',
    'grafana-stopped': ({ status }) => [`its container is ${status}`, 'sudo vigia grafana up'],
    'grafana-absent': () => ['it has no container, although Vigía runs', 'sudo vigia grafana up'],
    'grafana-not-wanted': () => 'not wanted (grafana.start: false)',

    'disk-has-room': ({ path, used, freeGib }, say) =>
      `${path}: ${say.percent(used)} used, ${say.number(freeGib, 1)} GiB free`,
    'disk-short': ({ path, used, freeGib }, say) => [
      `${path}: ${say.percent(used)} used, ${say.number(freeGib, 1)} GiB free`,
      'free space there; "docker system df" shows what the engine holds, and "docker image prune" removes unused images',
    ],
    'inodes-short': ({ path, used }, say) => [
      `${path}: ${say.percent(used)} of its inodes used`,
      'remove many small files there; "docker image prune" removes unused images',
    ],

    'clock-synchronised': () => 'synchronised',
    'clock-not-synchronised': ({ install }) => [
      'not synchronised: times in the record may be wrong',
      `sudo timedatectl set-ntp true, or ${install}`,
    ],
    'clock-unknown': ({ install }) => [
      'whether it is synchronised cannot be told',
      `${install}, if it is not set by the host of this machine`,
    ],

    'record-sound': ({ path }) => `${path} is sound`,
    'record-absent': ({ path }) => `${path} does not exist yet; "vigia up" begins it`,
    'record-too-large': ({ path }) =>
      `${path} is readable; too large to be read whole here: "vigia db check" does that`,
    'record-damaged': ({ path, detail }) => [
      `${path} is damaged: ${detail}`,
      'restart Vigía, which sets it aside and begins a new one; "vigia db check" lists the damage',
    ],
    'record-no-permission': ({ path }) => [`no permission to read ${path}`, 'use sudo, or join group vigia'],
    'record-unreadable': ({ path, detail }) => [
      `${path} cannot be read: ${detail}`,
      'look at the file and at its disk',
    ],
    'record-shared': () => 'its user can read it',
    'record-not-shared': ({ paths, directory }) => [
      `its user (472, with the group of ${directory}) cannot read ${paths.join(', ')}`,
      `chmod g+rx ${directory}; chmod g+r ${paths.join(' ')}; chgrp --reference=${directory} ${paths.join(' ')}`,
    ],

    'unit-absent': () => 'not installed: Vigía is started by hand',
    'unit-sandboxed': ({ status }) => `${status}, in its sandbox`,
    'unit-other': ({ file, status }) => `${status}; ${file} is not that of the package`,
    'unit-failed': () => ['failed', 'journalctl -u vigia -n 50 shows why; then systemctl restart vigia'],
    'unit-loosened': ({ settings }) => [
      `its sandbox is not as packaged: ${settings}`,
      'systemctl cat vigia shows the drop-in that does it; systemctl revert vigia removes it',
    ],
    'no-systemd': () => 'systemd does not run here: Vigía is started by hand',
  },
  summary: (problems, notes, fine) =>
    `${problems} problem${problems === 1 ? '' : 's'}, ${notes} note${notes === 1 ? '' : 's'}, ${fine} in order`,
  atStart: 'What is off on this host ("vigia doctor" shows every check):',
};
