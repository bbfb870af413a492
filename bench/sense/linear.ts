import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CommandLines } from '../../daemon/src/sense/command-line.ts';
import { walkProc } from '../../daemon/src/sense/proc-walk.ts';

/**
 * Shows that a reading of /proc costs in proportion to the number of processes, whatever these make of their arguments:
 * CPU time at N, 2 N and 4 N processes that sleep, and of the same number whose arguments are long and all NUL but the
 * last byte. What the other processes of the host cost is subtracted.
 *
 *   node bench/sense/linear.ts [--processes 100] [--kilobytes 128]
 */
const { values } = parseArgs({
  options: {
    processes: { type: 'string', default: '100' },
    kilobytes: { type: 'string', default: '128' },
  },
});
const FEWEST = Number(values.processes);
const READINGS = 15;

const commandLines = new CommandLines();

/** The median of the CPU time of a reading, in ms: the host is busy with other work at times. */
function cpuMs(): number {
  const all = Array.from({ length: READINGS }, () => {
    const before = process.cpuUsage();
    const { processes } = walkProc(new Set());
    for (const process of processes) commandLines.read('/proc', process);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return all.sort((a, b) => a - b)[Math.floor(READINGS / 2)] ?? 0;
}

/** The cost of `count` more processes of this program. */
async function costOf(program: string, args: string[], count: number): Promise<number> {
  const before = cpuMs();
  const children = Array.from({ length: count }, () =>
    spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  try {
    await Promise.all(children.map(({ stdout }) => once(stdout, 'data')));
    return cpuMs() - before;
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
  }
}

const folder = mkdtempSync(join(tmpdir(), 'vigia-linear-'));
try {
  const program = join(folder, 'hostile');
  const source = join(import.meta.dirname, '../../tests/unit/hostile-process.c');
  execFileSync('cc', ['-O1', '-pthread', '-o', program, source]);
  for (let warmUp = 0; warmUp < 3; warmUp += 1) cpuMs();
  for (const [what, args] of [
    ['short arguments', ['name', 'plain', '0']],
    [`${values.kilobytes} KB of NULs`, ['nul', values.kilobytes]],
  ] as const) {
    const costs: number[] = [];
    for (const factor of [1, 2, 4]) costs.push(await costOf(program, [...args], factor * FEWEST));
    const perProcess = costs.map((ms, i) => (1000 * ms) / (FEWEST * 2 ** i));
    console.log(
      `${what}: ${[1, 2, 4].map((factor, i) => `${factor * FEWEST} processes ${costs[i]?.toFixed(2)} ms (${perProcess[i]?.toFixed(1)} µs each)`).join(', ')}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
