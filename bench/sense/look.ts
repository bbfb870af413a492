import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { KernelModules } from '../../daemon/src/sense/kernel-modules.ts';
import { Procfs } from '../../daemon/src/sense/procfs.ts';

/**
 * What one look at every process costs inside Node: the daemon's two sensors, and npm's systeminformation where it is
 * installed. In one warm process; medians of CPU and wall time go to standard output as JSON.
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

/** All threads of this process, and the children it has waited for: systeminformation starts ps. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (user + system) / 1000 + (Number(fields[13]) + Number(fields[14])) * MS_PER_TICK;
}

async function costOf(look: () => Promise<unknown>): Promise<Cost> {
  const [cpu, wall] = [cpuMs(), performance.now()];
  await look();
  return { cpuMs: cpuMs() - cpu, wallMs: performance.now() - wall };
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  const upper = values[middle] ?? 0;
  return values.length % 2 === 1 ? upper : ((values[middle - 1] ?? 0) + upper) / 2;
}

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

interface Look {
  readonly name: string;
  readonly look: () => Promise<unknown>;
  /** How often before it counts: as often as it takes V8 to compile what a daemon runs for days. */
  readonly warmUp: number;
  /** Before each look. */
  readonly pauseMs: number;
}

const rounds = Number(process.argv[2] ?? 5);
const costs = new Map<string, Cost[]>();

/** The looks take turns. */
async function measure(looks: readonly Look[]): Promise<void> {
  for (const { name, look, warmUp } of looks) {
    costs.set(name, []);
    for (let i = 0; i < warmUp; i += 1) await look();
  }
  for (let round = 0; round < rounds; round += 1)
    for (const { name, look, pauseMs } of looks) {
      await pause(pauseMs);
      costs.get(name)?.push(await costOf(look));
    }
}

await using modules = new KernelModules(process.argv[3] ?? '201903553');
const procfs = new Procfs();
await measure([
  { name: 'node_module', look: () => modules.read(), warmUp: 60, pauseMs: 0 },
  { name: 'node_walk', look: () => procfs.read(), warmUp: 3, pauseMs: 0 },
]);

const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length;
const other = processes > SYSTEMINFORMATION_MOST_PROCESSES ? null : await systeminformation();
// By itself: it starts a process for each one that it looks at.
if (other !== null)
  await measure([
    { name: 'systeminformation', look: other, warmUp: 1, pauseMs: SYSTEMINFORMATION_KEEPS_MS + 10 },
  ]);

const result = Object.fromEntries(
  [...costs].map(([name, all]) => [
    name,
    {
      cpu_ms: Number(median(all.map((cost) => cost.cpuMs)).toFixed(3)),
      wall_ms: Number(median(all.map((cost) => cost.wallMs)).toFixed(3)),
    },
  ]),
);
process.stdout.write(`${JSON.stringify(result)}\n`);
