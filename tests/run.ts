import { spawn, spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * `vigia test`: every tier in order, cheapest first, none skipped in silence: a tier whose parts are missing installs
 * them or fails. Each tier is a program whose last lines count what passed.
 */
const ROOT = join(import.meta.dirname, '..');
const NODE = process.execPath;

interface Tier {
  readonly name: string;
  readonly what: string;
  /** Debian packages without which it cannot run, each with a program that proves it is there. */
  readonly needs: Readonly<Record<string, string>>;
  readonly steps: readonly (readonly [string, ...string[]])[];
  /** Too long for every day: runs only when it is named. */
  readonly onlyNamed?: true;
}

const unit = globSync('tests/unit/*.test.ts', { cwd: ROOT }).sort();
const docker = globSync('tests/docker/*.test.ts', { cwd: ROOT }).sort();
const scripts = globSync(
  ['vigia', '.ci/run', 'lab/**/*.sh', 'scripts/*.sh', 'workload/*.sh', 'bench/**/*.sh', 'kernel/**/*.sh'],
  { cwd: ROOT },
).sort();

const TIERS: readonly Tier[] = [
  {
    name: 'check',
    what: 'types, style, import law, shell scripts, generated dashboards',
    needs: { shellcheck: 'shellcheck' },
    steps: [
      ['npx', 'tsc', '--noEmit'],
      ['npx', 'biome', 'check', '.'],
      ['npx', 'depcruise', '--config', '.dependency-cruiser.mjs', 'daemon/src'],
      ['shellcheck', '-x', ...scripts],
      [NODE, 'daemon/src/app/build-dashboards.ts', '--check'],
    ],
  },
  {
    name: 'unit',
    what: 'unit and property tests, the pure C parts under ASan and UBSan',
    needs: { gcc: 'gcc', make: 'make', 'util-linux': 'flock', procps: 'pkill' },
    steps: [
      [NODE, '--test', ...unit],
      ['make', '--no-print-directory', '-C', 'kernel', 'user-test'],
    ],
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
    steps: [['tests/docker/with-engine.sh', NODE, '--test', '--test-concurrency=1', ...docker]],
  },
  {
    name: 'kernel',
    what: 'both modules on the real kernel of the lab machine',
    needs: {},
    steps: [
      [
        'lab/lab.sh',
        '--no-daemon',
        '--timeout',
        '900',
        '--run',
        'exec node --test --test-concurrency=1 "tests/kernel/*.test.ts"',
      ],
    ],
  },
  {
    name: 'lab',
    what: 'everything together in the lab machine: kernel, Docker, cron, daemon',
    needs: {},
    steps: [
      [
        'lab/lab.sh',
        '--timeout',
        '1500',
        '--run',
        'exec node --test --test-concurrency=1 "tests/lab/*.test.ts"',
      ],
    ],
  },
  {
    name: 'debug-kernel',
    what: 'both modules on a kernel with every detector on, and seeded bugs (half an hour; only when named)',
    needs: {},
    onlyNamed: true,
    steps: [['lab/debug-kernel/run.sh']],
  },
];

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, help: { type: 'boolean' } },
  strict: true,
});
const names = TIERS.map(({ name }) => name);
const unknown = (values.only ?? []).filter((name) => !names.includes(name));
if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`vigia test: no tier ${unknown.join(', ')}`);
  console.log('vigia test [--only TIER]…\n');
  for (const { name, what } of TIERS) console.log(`  ${name.padEnd(8)} ${what}`);
  process.exit(unknown.length > 0 ? 2 : 0);
}

let [passed, failed] = [0, 0];
const summary: string[] = [];
for (const tier of TIERS) {
  if (values.only ? !values.only.includes(tier.name) : tier.onlyNamed) continue;
  const began = performance.now();
  const counts = { passed: 0, failed: 0 };
  console.log(`\n== ${tier.name}: ${tier.what}`);
  install(tier.needs);
  for (const [program, ...args] of tier.steps) {
    const result = await runStep(program, args);
    counts.passed += result.passed;
    counts.failed += result.failed;
  }
  passed += counts.passed;
  failed += counts.failed;
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  summary.push(`${tier.name.padEnd(8)} ${counts.passed} passed, ${counts.failed} failed in ${seconds} s`);
}
console.log(`\n${summary.join('\n')}\n\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/**
 * Runs one step and counts. Node's runner closes with "ℹ pass N" and "ℹ fail N"; TAP has a line a test; any other
 * program counts as one test. A step that fails although every test in it passed counts as failed itself.
 */
async function runStep(
  program: string,
  args: readonly string[],
): Promise<{ passed: number; failed: number }> {
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PATH: `${join(NODE, '..')}:${process.env['PATH']}` },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    process.stdout.write(chunk);
    output += chunk;
  });
  const code = await new Promise<number>((resolve) => {
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`);
      resolve(127);
    });
    child.on('close', (status) => resolve(status ?? 1));
  });
  const sum = (pattern: RegExp): number =>
    [...output.matchAll(pattern)].reduce((total, match) => total + Number(match[1] ?? 1), 0);
  const ran = sum(/^(?:ℹ|#) pass (\d+)$/gm) || sum(/^ok \d+\b/gm);
  const broke = sum(/^(?:ℹ|#) fail (\d+)$/gm) || sum(/^not ok \d+\b/gm);
  if (ran + broke === 0) {
    console.log(`${code === 0 ? 'ok' : 'FAILED'}: ${[program, ...args].join(' ').slice(0, 100)}`);
    return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  }
  return { passed: ran, failed: broke === 0 && code !== 0 ? 1 : broke };
}

function install(needs: Tier['needs']): void {
  const missing = Object.entries(needs).filter(
    ([, proof]) => spawnSync('sh', ['-c', `command -v ${proof}`]).status !== 0,
  );
  if (missing.length === 0) return;
  const packages = missing.map(([name]) => name);
  console.log(`installing ${packages.join(', ')} (apt-get)`);
  const sudo = process.getuid?.() === 0 ? [] : ['sudo'];
  const apt = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
  ]) {
    const [program = '', ...rest] = [...apt, ...args];
    spawnSync(program, rest, { stdio: ['ignore', 'ignore', 'inherit'] });
  }
}
