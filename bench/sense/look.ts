import { readFileSync } from 'node:fs';
import { KernelModules } from '../../daemon/src/sense/kernel-modules.ts';
import { Procfs } from '../../daemon/src/sense/procfs.ts';

/**
 * What one look at every process costs inside Node: the daemon's two sensors, and npm's systeminformation where it is
 * installed. They take turns in one warm process; medians of CPU and wall time go to standard output as JSON.
 *
 *   node look.ts ROUNDS WARM_UP [CARNET]
 */
const MS_PER_TICK = 10;

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

const rounds = Number(process.argv[2] ?? 11);
const warmUp = Number(process.argv[3] ?? 3);
await using modules = new KernelModules(process.argv[4] ?? '201903553');
const procfs = new Procfs();
const other = await systeminformation();
const looks: [string, () => Promise<unknown>][] = [
  ['node_module', () => modules.read()],
  ['node_walk', () => procfs.read()],
  ...(other === null ? [] : [['systeminformation', other] as [string, typeof other]]),
];

const costs = new Map<string, Cost[]>(looks.map(([name]) => [name, []]));
for (let round = -warmUp; round < rounds; round += 1) {
  for (const [name, look] of looks) {
    const cost = await costOf(look);
    if (round >= 0) costs.get(name)?.push(cost);
  }
}
const result = Object.fromEntries(
  [...costs].map(([name, all]) => [
    name,
    { cpu_ms: median(all.map((cost) => cost.cpuMs)), wall_ms: median(all.map((cost) => cost.wallMs)) },
  ]),
);
process.stdout.write(`${JSON.stringify(result)}\n`);
