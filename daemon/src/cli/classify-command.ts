import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { applyClassLines } from '../classify/classify.ts';
import { errorMessage } from '../model/error-message.ts';
import type { Reason } from '../model/reason.ts';
import type { SensorRow } from '../sense/sensor-file.ts';
import { render } from '../words/language.ts';
import { configOf, LANGUAGE, paint, printJson, table } from './common.ts';

export function classifyCommand(): Command {
  return new Command('classify')
    .description("the analyser: which containers (or processes) of a sensor's file are low, which high")
    .argument('[file]', 'a file, or - for standard input (default: /proc/continfo_so1_<carnet>)')
    .option('--json', 'the same as JSON')
    .addHelpText(
      'after',
      `
Reads continfo and sysinfo of schema 1, and the older container_info shape with figures as text. One file holds no
rate: the CPU percentages are averages over each life.

Examples:
  vigia classify
  vigia classify contract/samples/continfo-four-docker-containers.json --json
  ssh host cat /proc/continfo_so1_201903553 | vigia classify -`,
    )
    .action(async (file: string | undefined, { json }: { json?: boolean }, command: Command) => {
      const config = configOf(command);
      const path = file ?? `/proc/continfo_so1_${config.carnet}`;
      const { readSensorFile } = await import('../sense/sensor-file.ts');
      const { shape, totalKb, rows } = readNamed(path, readSensorFile);
      const judged = rows.map((row) => ({
        ...row,
        ...applyClassLines(row.cpuPercent, row.memPercent, 'unknown', config),
      }));
      const groups = { low: judged.filter(isOf('low')), high: judged.filter(isOf('high')) };
      if (json) return printJson({ source: path, shape, total_kb: totalKb, ...groups });
      console.log(group('Low consumption', groups.low));
      console.log(`\n${group('High consumption', groups.high)}`);
    });
}

/** What is wrong with a file is said with its name. */
function readNamed<T>(path: string, read: (text: string) => T): T {
  try {
    return read(readFileSync(path === '-' ? 0 : path, 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new Error(`${path === '-' ? 'standard input' : path}: ${WRONG[code] ?? errorMessage(error)}`);
  }
}

const WRONG: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file. Without a FILE the kernel modules must be loaded: sudo vigia modules load',
  EACCES: 'no permission: use sudo',
  EISDIR: 'a directory: name a file in it',
};

const isOf =
  (level: 'low' | 'high') =>
  (row: { level: string }): boolean =>
    row.level === level;

function group(title: string, rows: readonly (SensorRow & { because: Reason })[]): string {
  const heading = paint('bold', `${title} (${rows.length})`);
  if (rows.length === 0) return `${heading}\n  none`;
  const listing = table(rows, [
    { title: 'PID', right: true, value: (row) => String(row.pid) },
    { title: 'NAME', value: (row) => row.name },
    { title: 'CONTAINER', value: (row) => row.containerId?.slice(0, 12) ?? '-' },
    { title: 'MEM %', right: true, value: (row) => row.memPercent.toFixed(2) },
    { title: 'CPU %', right: true, value: (row) => row.cpuPercent.toFixed(2) },
    { title: 'WHY', value: (row) => render(row.because, LANGUAGE) },
  ]);
  return `${heading}\n${listing}`;
}
