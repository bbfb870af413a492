import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { BpfIterator } from '../../daemon/src/sense/bpf-iterator.ts';
import { KernelModules } from '../../daemon/src/sense/kernel-modules.ts';
import { Procfs } from '../../daemon/src/sense/procfs.ts';

/**
 * Measures the cost of reading all processes once in Node: with the daemon's three sensors, and with the npm package
 * systeminformation if it is installed. Runs in one warm process and prints the mean CPU and wall time as JSON. Means,
 * not medians, because garbage collection only runs in some of the readings.
 *
 *   node measure-node.ts ROUNDS [CARNET]
 */
const MS_PER_TICK = 10;
/** systeminformation returns a cached result for half a second. */
const SYSTEMINFORMATION_CACHE_MS = 500;
/** It passes all processes in one shell command, which exceeds the kernel's limit with 6,000. */
const SYSTEMINFORMATION_MAX_PROCESSES = 5000;

interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** CPU time of the children of this process: systeminformation starts a shell, which starts other programs. */
function childrenMs(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) * MS_PER_TICK;
}

async function measureCost(read: () => Promise<unknown>): Promise<Cost> {
  const children = childrenMs();
  // No other statements in between: measuring takes as long as a small reading.
  const wall = performance.now();
  const begin = process.cpuUsage();
  await read();
  const { user, system } = process.cpuUsage(begin);
  const wallMs = performance.now() - wall;
  return { cpuMs: (user + system) / 1000 + childrenMs() - children, wallMs };
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Returns null if the package is not installed; it is only downloaded for this comparison. */
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
 * Measures one reader, after `warmUp` readings in which V8 compiles the code, as in a long-running daemon. The readers
 * do not take turns, because the garbage of one would be collected during the next.
 */
async function measure(
  name: string,
  read: () => Promise<unknown>,
  warmUp: number,
  times: number,
  pauseMs = 0,
) {
  const all: Cost[] = [];
  for (let i = 0; i < warmUp; i += 1) await read();
  for (let i = 0; i < times; i += 1) {
    await pause(pauseMs);
    all.push(await measureCost(read));
  }
  costs.set(name, all);
}

await using modules = new KernelModules(process.argv[3] ?? '201903553');
const procfs = new Procfs();
await measure('node_module', () => modules.read(), 60, 10 * rounds);
const bpf = new BpfIterator();
if (bpf.isLoaded()) await measure('node_bpf', () => bpf.read(), 60, 10 * rounds);
await measure('node_walk', () => procfs.read(), 3, rounds);

const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length;
const other = processes > SYSTEMINFORMATION_MAX_PROCESSES ? null : await systeminformation();
if (other !== null) await measure('systeminformation', other, 1, rounds, SYSTEMINFORMATION_CACHE_MS + 10);

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
