import { spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * `vigia test`: runs the tiers in order, cheapest first. A tier whose programs are missing installs them or fails; none
 * is skipped silently.
 */
const ROOT = join(import.meta.dirname, '..');
const NODE = process.execPath;

type Command = readonly [string, ...string[]];

interface Tier {
  readonly name: string;
  readonly what: string;
  /** Debian packages that it needs, each with a program, or a file, that shows whether it is installed. */
  readonly needs: Readonly<Record<string, string>>;
  /** The commands in order, by their names in the summary. */
  readonly steps: Readonly<Record<string, Command>>;
  /** Takes too long for every day: runs only when it is named. */
  readonly onlyNamed?: true;
  /** How many steps run at once. Their output is shown when they have ended. */
  readonly parallelSteps?: number;
  /**
   * The tier with which this one starts, in the background and at low priority: tiers with containers mostly wait. Where
   * several start with the same one, they run one after the other.
   */
  readonly beside?: string;
}

const unit = globSync('tests/unit/*.test.ts', { cwd: ROOT }).sort();
const engineTests = globSync('tests/docker/*.test.ts', { cwd: ROOT }).sort();
/** They need a host on which no other program takes a gigabyte meanwhile: it would be, rightly, the culprit. */
const isForQuietHost = (name: string): boolean => /do-no-harm-/.test(name);
const docker = engineTests.filter((name) => !isForQuietHost(name));
const browser = globSync('tests/browser/*.test.ts', { cwd: ROOT }).sort();
const scripts = globSync(
  [
    'vigia',
    '.ci/run',
    'lab/**/*.sh',
    'lab/arm64/{init,stand-ins/*}',
    'scripts/**/*.sh',
    'workload/*.sh',
    'bench/**/*.sh',
    'kernel/**/*.sh',
    'packaging/*.sh',
    'tests/**/*.sh',
    'packaging/debian/{postinst,prerm,postrm}',
  ],
  { cwd: ROOT },
).sort();

/** What runs beside tests that wait for containers must not take the processor from them. */
const BACKGROUND = '10';

/** Memory of a lab machine. */
const MACHINE_BYTES = 4096 * 2 ** 20;

/** The kernel that is also tested with cgroup v1: that of the newest Debian whose systemd supports v1 by default. */
const CGROUP_V1 = '6.1';

/** The kernels of the lab, the oldest first; each has its own machine. */
const KERNELS = readFileSync(join(ROOT, 'lab/kernels.txt'), 'utf8')
  .split('\n')
  .filter((line) => /^[^#\s]/.test(line))
  .map((line) => line.split(/\s/, 1)[0] ?? '');

const parse = (args: string[]) =>
  parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      kernel: { type: 'string', multiple: true, default: [] },
      all: { type: 'boolean' },
      help: { type: 'boolean' },
    },
    strict: true,
  });
const usageErrors: string[] = [];
let { values } = parse([]);
try {
  ({ values } = parse(process.argv.slice(2)));
} catch (error) {
  usageErrors.push(error instanceof Error ? error.message : String(error));
}
const only = values.only.flatMap((list) => list.split(','));
const kernels = values.kernel.flatMap((list) => list.split(','));

/** The tests whose results may differ from kernel to kernel: what the files and sensors report. */
const DIFFERENCES = 'kernel/{bpf-unit,containers,three-sensors}';

/** Loading, unloading and storms are tested on the oldest and the newest kernel, and on each one that is named. */
const isWhole = (name: string): boolean =>
  kernels.length > 0 || name === KERNELS[0] || name === KERNELS.at(-1);

/** The command that runs tests inside a lab machine. */
const inLab = (tests: string, ...options: string[]): Command => [
  'lab/lab.sh',
  ...options,
  '--timeout',
  '1800',
  '--run',
  `exec node --test --test-concurrency=1 "tests/${tests}.test.ts"`,
];

/** What the BPF program and its loader are built with. */
const BUILDS_BPF = {
  clang: 'clang',
  llvm: 'llvm-strip',
  gcc: 'gcc',
  make: 'make',
  'libbpf-dev': '/usr/include/bpf/libbpf.h',
  'libelf-dev': '/usr/include/libelf.h',
  'zlib1g-dev': '/usr/include/zlib.h',
  bpftool: 'bpftool',
};

const TIERS: readonly Tier[] = [
  {
    name: 'check',
    what: 'types, style, import rules, shell scripts, generated dashboards',
    needs: { shellcheck: 'shellcheck' },
    steps: {
      types: ['npx', 'tsc', '--noEmit'],
      "the page's types": ['npx', 'tsc', '--noEmit', '-p', 'page'],
      style: ['npx', 'biome', 'check', '.'],
      'import rules': ['npx', 'depcruise', '--config', '.dependency-cruiser.mjs', 'daemon/src'],
      'shell scripts': ['shellcheck', '-x', ...scripts],
      dashboards: [NODE, 'daemon/src/app/build-dashboards.ts', '--check'],
    },
  },
  {
    name: 'unit',
    what: 'unit and property tests; the C code of the modules that runs in user space, with ASan and UBSan',
    needs: {
      gcc: 'gcc',
      make: 'make',
      'util-linux': 'flock',
      procps: 'pkill',
      prometheus: 'promtool',
      tmux: 'tmux',
      zsh: 'zsh',
      fish: 'fish',
      dpkg: 'dpkg',
      'python3-aiosmtpd': '/usr/lib/python3/dist-packages/aiosmtpd/smtp.py',
    },
    steps: {
      daemon: [NODE, '--test', '--test-concurrency=2', ...unit],
      'C code': ['make', '--no-print-directory', '-C', 'kernel', 'user-test'],
    },
  },
  {
    name: 'browser',
    what: 'every view of the page in Chromium, with a real server and a real database',
    needs: { chromium: 'chromium' },
    steps: {
      build: [NODE, 'node_modules/vite/bin/vite.js', 'build', '--config', 'page/vite.config.ts'],
      page: [NODE, '--test', '--test-concurrency=1', ...browser],
    },
  },
  {
    name: 'fleet',
    what: 'pages of several hosts scraped by Prometheus and VictoriaMetrics; recording rules, alerts, dashboard',
    needs: {
      prometheus: 'prometheus',
      'victoria-metrics': 'victoria-metrics',
      iproute2: 'ip',
      'util-linux': 'unshare',
    },
    beside: 'unit',
    steps: {
      rules: ['promtool', 'test', 'rules', 'tests/fleet/rules.promtool.yaml'],
      // In separate namespaces: the host's network is not touched, and everything started ends with them.
      engines: [
        'unshare',
        ...['--map-root-user', '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
        NODE,
        '--test',
        'tests/fleet/fleet.test.ts',
      ],
    },
  },
  {
    name: 'docker',
    what: "the daemon against this machine's own Docker engine",
    needs: {
      'docker.io': 'dockerd',
      'busybox-static': 'busybox',
      gcc: 'gcc',
      'docker-compose': 'docker-compose',
      curl: 'curl',
    },
    steps: { engine: ['tests/docker/with-engine.sh', NODE, '--test', '--test-concurrency=1', ...docker] },
  },
  {
    name: 'harm',
    what: "memory emergencies and generated plans on an owner's containers, on a real engine (a quarter of an hour; only when named)",
    needs: { 'docker.io': 'dockerd', 'busybox-static': 'busybox', gcc: 'gcc' },
    onlyNamed: true,
    steps: {
      engine: [
        'tests/docker/with-engine.sh',
        ...[NODE, '--test', '--test-concurrency=1', ...engineTests.filter(isForQuietHost)],
      ],
    },
  },
  {
    name: 'podman',
    what: 'the daemon against the Docker-compatible socket of a separate Podman (two minutes; only when named)',
    needs: { podman: 'podman', gcc: 'gcc' },
    onlyNamed: true,
    steps: { service: [NODE, '--test', 'tests/podman/podman.test.ts'] },
  },
  {
    name: 'bpf',
    what: "the BPF sensor on this machine's own kernel, against /proc: root, Linux 5.15 or later with BTF",
    needs: BUILDS_BPF,
    beside: 'docker',
    steps: { native: [NODE, '--test', '--test-concurrency=1', 'tests/bpf/native.test.ts'] },
  },
  {
    name: 'modules',
    what: "the modules checked with each kernel's own compiler, sparse, checkpatch, kernel-doc and clang-format",
    needs: {},
    beside: 'docker',
    steps: { sources: ['lab/check-modules.sh', ...kernels] },
  },
  {
    name: 'kernel',
    what: `both modules on real kernels in the lab: ${KERNELS.join(', ')} (--kernel NAME for every test on one), and on cgroup v1`,
    needs: {},
    beside: 'docker',
    parallelSteps: totalmem() > 4 * MACHINE_BYTES ? 2 : 1,
    steps: Object.fromEntries(
      KERNELS.filter((name) => kernels.length === 0 || kernels.includes(name)).flatMap((name) => [
        [name, inLab(isWhole(name) ? 'kernel/*' : DIFFERENCES, '--no-daemon', '--kernel', name)],
        ...(name === CGROUP_V1
          ? [[`${name}, cgroup v1`, inLab(DIFFERENCES, '--no-daemon', '--kernel', name, '--cgroup', 'v1')]]
          : []),
      ]),
    ),
  },
  {
    name: 'dkms',
    what: 'DKMS in the lab machine: add, build, install, a kernel upgrade, remove (only when named)',
    needs: {},
    onlyNamed: true,
    steps: {
      upgrade: inLab('dkms/*', '--no-daemon', '--newer-kernel', '7.x'),
    },
  },
  {
    name: 'secure-boot',
    what: 'the lab machine with Secure Boot on: modules refused with the right advice, the daemon on BPF or /proc (a quarter of an hour; only when named)',
    needs: {},
    onlyNamed: true,
    steps: {
      integrity: inLab('secure-boot/secure-boot', '--no-daemon', '--secure-boot'),
      confidentiality: inLab(
        'secure-boot/secure-boot',
        '--no-daemon',
        '--secure-boot',
        '--lockdown',
        'confidentiality',
      ),
      'key enrolled': ['tests/secure-boot/enrolled.sh'],
    },
  },
  {
    name: 'arm64',
    what: 'modules, BPF sensor and daemon on Debian arm64, emulated, without an engine (half an hour; only when named)',
    needs: {},
    onlyNamed: true,
    steps: {
      emulated: ['lab/arm64/run.sh', 'arm64/truth', 'arm64/first-cycle', 'kernel/three-sensors'],
    },
  },
  {
    name: 'lab',
    what: 'kernel, Docker, cron and daemon together in the lab machine',
    needs: {},
    steps: {
      mission: inLab('lab/*'),
    },
  },
  {
    name: 'failures',
    what: 'the long form of the failure tests: 200 kills, 1,000 containers, 20,000 processes (an hour or two; only when named)',
    needs: { 'docker.io': 'dockerd', 'busybox-static': 'busybox', gcc: 'gcc', curl: 'curl' },
    onlyNamed: true,
    steps: {
      engine: [
        ...(['env', 'VIGIA_FAILURES=1', 'tests/docker/with-engine.sh', NODE, '--test'] as const),
        ...['--test-concurrency=1', ...docker.filter((name) => name.includes('/failures-'))],
      ],
      'lab machine': inLab('failures/*'),
    },
  },
  {
    name: 'package',
    what: 'the Debian package built, installed, rebooted, upgraded and purged in a fresh machine (half an hour; only when named)',
    needs: {
      dpkg: 'dpkg-deb',
      binutils: 'strip',
      gcc: 'gcc',
      zstd: 'zstd',
      npm: 'npm',
      chromium: 'chromium',
    },
    onlyNamed: true,
    steps: {
      build: [NODE, '--test', 'tests/package/build.test.ts'],
      delivery: [
        'sh',
        '-c',
        `packaging/delivery.sh >&2 && exec "${NODE}" --test tests/package/delivery.test.ts`,
      ],
      'fresh machine': ['tests/package/in-lab.sh'],
    },
  },
  {
    name: 'debug-kernel',
    what: 'both modules on a kernel with all debug checks enabled, and seeded bugs (half an hour; only when named)',
    needs: {},
    onlyNamed: true,
    steps: { detectors: ['lab/debug-kernel/run.sh'] },
  },
];

if (values.all && only.length > 0) usageErrors.push('--all runs every tier: leave out --only');
const names = TIERS.map(({ name }) => name);
usageErrors.push(
  ...only.filter((name) => !names.includes(name)).map((name) => `no tier ${name}`),
  ...kernels
    .filter((name) => !KERNELS.includes(name))
    .map((name) => `no kernel ${name}; the kernels are ${KERNELS.join(', ')}`),
);
if (values.help || usageErrors.length > 0) {
  for (const message of usageErrors) console.error(`vigia test: ${message}`);
  console.log('vigia test [--only TIER[,TIER] | --all] [--kernel NAME[,NAME]]\n');
  for (const { name, what } of TIERS) console.log(`  ${name.padEnd(12)} ${what}`);
  console.log('\nWithout --only: all but those only when named; --all: these as well (several hours).');
  process.exit(usageErrors.length > 0 ? 2 : 0);
}

interface Count {
  readonly passed: number;
  readonly failed: number;
}

const counts: Count[] = [];
const summary: string[] = [];
const isChosen = ({ name, onlyNamed }: Tier): boolean => (only.length > 0 ? only.includes(name) : !onlyNamed);
for (const group of Map.groupBy(TIERS.filter(isChosen), groupOf).values()) {
  for (const { name, what, needs } of group) {
    console.log(`\n== ${name}: ${what}`);
    install(needs);
  }
  const [foreground, background] = [
    group.filter(({ beside }) => !beside),
    group.filter(({ beside }) => beside),
  ];
  const [lines, others] = await Promise.all([
    runInOrder(foreground, 'foreground'),
    runInOrder(background, foreground.length > 0 ? 'background' : 'foreground'),
  ]);
  summary.push(...lines, ...others);
}
const sum = (key: keyof Count) => counts.reduce((total, count) => total + count[key], 0);
console.log(`\n${summary.join('\n')}\n\n${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') === 0 ? 0 : 1;

/** The tiers that run at once, by the name of the first of them. */
function groupOf({ name, beside }: Tier): string {
  return beside ?? name;
}

type Ground = 'foreground' | 'background';

async function runInOrder(tiers: readonly Tier[], ground: Ground): Promise<string[]> {
  const lines: string[] = [];
  for (const tier of tiers) lines.push(...(await runTier(tier, ground)));
  return lines;
}

/** Runs the steps of a tier, and returns a line of the summary for each. */
async function runTier({ name: tier, steps, parallelSteps = 1 }: Tier, ground: Ground): Promise<string[]> {
  const lines = new Map<string, string>();
  const remaining = Object.entries(steps).values();
  const runSome = async () => {
    for (const [step, command] of remaining) {
      const name = `${tier}: ${step}`;
      const began = performance.now();
      const count =
        ground === 'background'
          ? await runStep(['nice', '-n', BACKGROUND, ...command], name)
          : await runStep(command, parallelSteps > 1 ? name : null);
      const seconds = ((performance.now() - began) / 1000).toFixed(0);
      counts.push(count);
      lines.set(step, `${name.padEnd(28)} ${count.passed} passed, ${count.failed} failed in ${seconds} s`);
    }
  };
  await Promise.all(Array.from({ length: parallelSteps }, runSome));
  return Object.keys(steps).map((step) => lines.get(step) ?? '');
}

/**
 * Runs one step and counts its tests. With a name it runs beside others, and its output is shown when it has ended.
 * Node's runner ends with "ℹ pass N" and "ℹ fail N", TAP has one line per test, any other program counts as one test. A
 * step that exits with an error although all its tests passed counts as one failed test.
 */
async function runStep([program, ...args]: Command, parallelName: string | null): Promise<Count> {
  const buffered: string[] = [];
  const show = (text: string) => (parallelName === null ? process.stdout.write(text) : buffered.push(text));
  if (parallelName !== null) console.log(`${parallelName}: running`);
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', parallelName === null ? 'inherit' : 'pipe'],
    // Commands print in the language of the environment; tests compare the English.
    env: { ...process.env, LC_ALL: 'C.UTF-8', PATH: `${join(NODE, '..')}:${process.env['PATH']}` },
  });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    show(chunk);
    output += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', show);
  const code = await new Promise<number>((resolve) => {
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`);
      resolve(127);
    });
    child.on('close', (status) => resolve(status ?? 1));
  });
  if (parallelName !== null) console.log(`\n-- ${parallelName}\n${buffered.join('')}`);
  const found = (pattern: RegExp): number =>
    [...output.matchAll(pattern)].reduce((total, match) => total + Number(match[1] ?? 1), 0);
  const passed = found(/^(?:ℹ|#) pass (\d+)$/gm) || found(/^ok \d+\b/gm);
  const failed = found(/^(?:ℹ|#) fail (\d+)$/gm) || found(/^not ok \d+\b/gm);
  if (passed + failed === 0) {
    console.log(`${code === 0 ? 'ok' : 'FAILED'}: ${[program, ...args].join(' ').slice(0, 100)}`);
    return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  }
  return { passed, failed: failed === 0 && code !== 0 ? 1 : failed };
}

function install(needs: Tier['needs']): void {
  const missing = Object.entries(needs).filter(([, proof]) =>
    proof.startsWith('/') ? !existsSync(proof) : spawnSync('sh', ['-c', `command -v ${proof}`]).status !== 0,
  );
  if (missing.length === 0) return;
  const packages = missing.map(([name]) => name);
  console.log(`installing ${packages.join(', ')} with apt-get, without starting their services`);
  const sudo = process.getuid?.() === 0 ? [] : ['sudo'];
  const [program = '', ...args] = [...sudo, join(ROOT, 'tests/install-packages.sh'), ...packages];
  spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
}
