import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { applyClassLines } from '../classify/classify.ts';
import { errorMessage } from '../model/error-message.ts';
import type { Reason } from '../model/reason.ts';
import type { SensorFile, SensorRow } from '../sense/sensor-file.ts';
import { render } from '../words/language.ts';
import { configOf, inert, LANGUAGE, paint, printJson, table } from './common.ts';

interface Options {
  readonly once?: true;
  readonly report?: true;
  readonly json?: true;
}

export function classifyCommand(): Command {
  return new Command('classify')
    .description("the analyser: which containers (or processes) of a sensor's file are low, which high")
    .argument(
      '[file]',
      'a file, or - for standard input (default: /proc/continfo_so1_<carnet>, else /proc/container_info_<carnet>)',
    )
    .option('--once', 'read /proc once: CPU as the average since each container started')
    .option('--report', 'the report in Spanish, line by line')
    .addOption(new Option('--json', 'the same as JSON').conflicts('report'))
    .addHelpText(
      'after',
      `
Reads continfo and sysinfo of schema 1, and the older container_info shape with figures as text. The modules' files in
/proc are read twice, classify.minSeconds apart, and the CPU percentages are the rates in between. A saved file holds no
rate: there they are averages since each container or process started.

Examples:
  vigia classify
  vigia classify --report
  vigia classify contract/samples/continfo-four-docker-containers.json --json
  ssh host cat /proc/continfo_so1_201903553 | vigia classify -`,
    )
    .action(async (file: string | undefined, { once, report, json }: Options, command: Command) => {
      const config = configOf(command);
      const { readSensorFile, withRates } = await import('../sense/sensor-file.ts');
      const path = file ?? defaultPath(config.carnet);
      const read = (): SensorFile => readNamed(path, file === undefined, readSensorFile);
      let sensed = read();
      let seconds: number | null = null;
      if (!once && path.startsWith('/proc/') && sensed.timestampNs !== null) {
        seconds = config.classify.minSeconds;
        console.error(`measuring CPU for ${seconds} s (--once does not wait and prints averages)`);
        await delay(seconds * 1000);
        sensed = withRates(sensed, read());
      }
      const { shape, totalKb, freeKb, usedKb } = sensed;
      const judged = sensed.rows.map(({ run: _, ...row }) => ({
        ...row,
        ...applyClassLines(row.cpuPercent, row.memPercent, 'unknown', config),
      }));
      const groups = { low: judged.filter(isOf('low')), high: judged.filter(isOf('high')) };
      if (json) {
        const head = { source: path, shape, rate_seconds: seconds };
        return printJson({ ...head, total_kb: totalKb, free_kb: freeKb, used_kb: usedKb, ...groups });
      }
      if (report) return console.log(reportOf(sensed, groups));
      console.log(group('Low consumption', groups.low));
      console.log(`\n${group('High consumption', groups.high)}`);
    });
}

/** The file of our module, or that of the earlier module where only that one is loaded. */
function defaultPath(carnet: string): string {
  const ours = `/proc/continfo_so1_${carnet}`;
  const earlier = `/proc/container_info_${carnet}`;
  return !existsSync(ours) && existsSync(earlier) ? earlier : ours;
}

/** Reads a file; an error names it and says what to do. */
function readNamed<T>(path: string, isDefault: boolean, read: (text: string) => T): T {
  try {
    return read(readFileSync(path === '-' ? 0 : path, 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = code === 'ENOENT' && isDefault ? NO_MODULES : (WRONG[code] ?? errorMessage(error));
    throw new Error(`${path === '-' ? 'standard input' : path}: ${why}`);
  }
}

const NO_MODULES =
  'there is no such file. Without a FILE the kernel modules must be loaded: sudo vigia modules load';

const WRONG: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission: use sudo',
  EISDIR: 'a directory: name a file in it',
};

const isOf =
  (level: 'low' | 'high') =>
  (row: { level: string }): boolean =>
    row.level === level;

type Row = Omit<SensorRow, 'run'>;

function group(title: string, rows: readonly (Row & { because: Reason })[]): string {
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

/** The report of the earlier module's analyser, in its format and its language. */
function reportOf(
  { shape, totalKb, freeKb, usedKb }: SensorFile,
  groups: { readonly low: readonly Row[]; readonly high: readonly Row[] },
): string {
  const memory = [
    `Memoria Total: ${totalKb} KB`,
    ...(freeKb === null ? [] : [`Memoria Libre: ${freeKb} KB`]),
    ...(usedKb === null ? [] : [`Memoria en Uso: ${usedKb} KB`]),
  ].join('\n');
  const what = shape === 'sysinfo' ? 'Procesos' : 'Contenedores';
  return [
    memory,
    reportGroup(`${what} de Bajo Rendimiento:`, groups.low),
    reportGroup(`${what} de Alto Rendimiento:`, groups.high),
  ].join('\n\n');
}

function reportGroup(title: string, rows: readonly Row[]): string {
  const entries = rows.map((row) =>
    [
      `PID: ${row.pid}`,
      `Nombre: ${inert(row.name)}`,
      `ID de Contenedor: ${row.containerId === null ? 'ninguno' : inert(row.containerId)}`,
      `Uso de Memoria: ${percent.format(row.memPercent)}% del sistema`,
      `Uso de CPU: ${percent.format(row.cpuPercent)}%`,
    ].join('\n'),
  );
  return `${title}\n${entries.join('\n\n') || 'Ninguno'}`;
}

/** Two decimals as in the format; two more where they tell 0.0901 from 0.09. */
const percent = new Intl.NumberFormat('en', {
  minimumFractionDigits: 2,
  maximumFractionDigits: 4,
  useGrouping: false,
});
