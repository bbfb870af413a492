import assert from 'node:assert/strict';
import type { ProcessSample } from '../../daemon/src/model/snapshot.ts';
import type { Reading } from '../../daemon/src/sense/reading.ts';
import { type Facts, factsOf } from './facts.ts';
import { CONTAINER, type Tree } from './tree.ts';

export interface Difference {
  /** Of a number, in its own unit; 1 for another text. */
  readonly largest: number;
  readonly of: string;
}

type Field = keyof Facts | 'cpuTimeNs' | 'containerId';
export type Differences = ReadonlyMap<Field, Difference>;

/** The largest difference of each field between a reading and what /proc and the CPU clocks say. */
export async function compare(tree: Tree, read: () => Promise<Reading>): Promise<Differences> {
  const facts = new Map([...tree.kinds.keys()].map((pid) => [pid, factsOf(pid)]));
  const clocks = await settled(tree);
  const reading = await read();
  assert.deepEqual(await tree.clocks(), clocks, 'the tree does not run meanwhile');
  const byPid = new Map(reading.processes.map((process) => [process.pid, process]));
  assert.equal(byPid.size, reading.processes.length, 'each pid once');
  const differences = new Map<Field, Difference>();
  const note = (field: Field, pid: number, expected: unknown, found: unknown) => {
    const difference = distance(expected, found);
    if (difference <= (differences.get(field)?.largest ?? -1)) return;
    const of = `${tree.kinds.get(pid)} ${pid}: ${JSON.stringify(expected)}, ${JSON.stringify(found)}`;
    differences.set(field, { largest: difference, of: difference === 0 ? '' : of });
  };
  for (const [pid, fact] of facts) {
    const process: ProcessSample | undefined = byPid.get(pid);
    assert.ok(process && fact, `${tree.kinds.get(pid)} ${pid} is missing`);
    for (const [field, expected] of Object.entries(fact) as [keyof Facts, unknown][])
      note(field, pid, expected, field === 'startNs' ? inTicks(process.startNs) : process[field]);
    note('cpuTimeNs', pid, clocks.get(pid), process.cpuTimeNs);
    note('containerId', pid, CONTAINER, process.containerId);
  }
  return differences;
}

/** A process that has just stopped may still be on its way off the CPU. */
async function settled(tree: Tree): Promise<Map<number, number>> {
  for (let before = await tree.clocks(); ; ) {
    const now = await tree.clocks();
    if ([...now].every(([pid, ns]) => before.get(pid) === ns)) return now;
    before = now;
  }
}

/** /proc shows whole ticks of 10 ms. */
const inTicks = (ns: number): number => Math.floor(ns / 1e7) * 1e7;

function distance(expected: unknown, found: unknown): number {
  if (expected === found) return 0;
  return typeof expected === 'number' && typeof found === 'number' ? Math.abs(found - expected) : 1;
}

/** One row for each field, one column for each sensor. */
export function table(columns: Readonly<Record<string, Differences>>): string {
  const fields = [...(Object.values(columns)[0]?.keys() ?? [])];
  const rows = fields.map((field) => [
    field,
    ...Object.values(columns).map((differences) => `${differences.get(field)?.largest ?? ''}`),
  ]);
  const lines = [['largest difference', ...Object.keys(columns)], ...rows];
  return lines.map((cells) => cells.map((cell) => cell.padEnd(20)).join('')).join('\n');
}
