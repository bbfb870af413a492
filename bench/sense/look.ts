import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { KernelModules } from '../../daemon/src/sense/kernel-modules.ts';
import { Procfs } from '../../daemon/src/sense/procfs.ts';

/**
 * What one look at every process costs inside Node: the daemon's two sensors, and npm's systeminformation where it is
 * installed. In one warm process; means of CPU and wall time go to standard output as JSON: means, since garbage is
 * cleared away only now and then.
 *
 *   node look.ts ROUNDS [CARNET]
 */
const MS_PER_TICK = 10;
/** systeminformation gives the last answer again for half a second. */
const SYSTEMINFORMATION_KEEPS_MS = 500;
/** It looks at all processes by one shell command, which for 6,000 is longer than the kernel takes. */
const SYSTEMINFORMATION_MOST_PROCESSES = 5000;

interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** The children this process has waited for: systeminformation starts a shell, and that the rest. */
function childrenMs(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) * MS_PER_TICK;
}

async function costOf(look: () => Promise<unknown>): Promise<Cost> {
  const children = childrenMs();
  // Nothing in between: what it takes to measure is as much as a small look.
  const wall = performance.now();
  const begin = process.cpuUsage();
  await look();
  const { user, system } = process.cpuUsage(begin);
  const wallMs = performance.now() - wall;
  return { cpuMs: (user + system) / 1000 + childrenMs() - children, wallMs };
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** null where the package is not installed: it is fetched for this comparison only. */
async function systeminformation(): Promise<(() => Promise<unknown>) | null> {
  const name = 'systeminformation';
  try {
    const { default: si } = await import(name);
    return () => si.processes();
  } catch {
    return null;
  }
}

const rounds = Number(process.argv[2] ?? 5);
const costs = new Map<string, Cost[]>();

/**
 * One after the other, not in turn: the garbage of one look would be cleared away in the next. Before it counts, as
 * often as it takes V8 to compile what a daemon runs for days.
 */
async function measure(
  name: string,
  look: () => Promise<unknown>,
  warmUp: number,
  times: number,
  pauseMs = 0,
) {
  const all: Cost[] = [];
  for (let i = 0; i < warmUp; i += 1) await look();
  for (let i = 0; i < times; i += 1) {
    await pause(pauseMs);
    all.push(await costOf(look));
  }
  costs.set(name, all);
}

await using modules = new KernelModules(process.argv[3] ?? '201903553');
const procfs = new Procfs();
await measure('node_module', () => modules.read(), 60, 10 * rounds);
await measure('node_walk', () => procfs.read(), 3, rounds);

const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length;
const other = processes > SYSTEMINFORMATION_MOST_PROCESSES ? null : await systeminformation();
if (other !== null) await measure('systeminformation', other, 1, rounds, SYSTEMINFORMATION_KEEPS_MS + 10);

const result = Object.fromEntries(
  [...costs].map(([name, all]) => [
    name,
    {
      cpu_ms: Number(mean(all.map((cost) => cost.cpuMs)).toFixed(3)),
      wall_ms: Number(mean(all.map((cost) => cost.wallMs)).toFixed(3)),
    },
  ]),
);
process.stdout.write(`${JSON.stringify(result)}\n`);
