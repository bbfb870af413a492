import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { applyClassLines } from '../classify/classify.ts';
import type { Config } from '../model/config.ts';
import type { Reason } from '../model/reason.ts';
import type { SensorFile, SensorRow } from '../sense/sensor-file.ts';
import { render } from '../words/language.ts';
import { configOf, errorText, FORMATS, inert, LANGUAGE, paint, printJson, table, WORDS } from './common.ts';

interface Options {
  readonly once?: true;
  readonly report?: true;
  readonly json?: true;
}

export function classifyCommand(): Command {
  return new Command('classify')
    .description('classify the containers or processes of a sensor file as low or high consumption')
    .argument(
      '[file]',
      'a file, or - for standard input (default: /proc/continfo_so1_<carnet>, else /proc/container_info_<carnet>, else the BPF iterator, else /proc)',
    )
    .option('--once', 'read once; CPU is then the average since each container started')
    .option('--report', 'print the report of the earlier analyser, in Spanish')
    .addOption(new Option('--json', 'print the groups as JSON').conflicts('report'))
    .addHelpText(
      'after',
      `
Reads continfo and sysinfo files of schema 1, and the older container_info shape with figures as text. Without a file and
without the modules it reads the containers as the daemon does: by the BPF iterator, or from /proc. What is read on this
host is read twice, classify.minSeconds apart, and the CPU percentages are the rates in between. A saved file contains no
rate: there they are averages since each container or process started.

Examples:
  vigia classify
  vigia classify --report
  vigia classify contract/samples/continfo-four-docker-containers.json --json
  ssh host cat /proc/continfo_so1_201903553 | vigia classify -

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration`,
    )
    .action(async (file: string | undefined, { once, report, json }: Options, command: Command) => {
      const config = configOf(command);
      const { withRates } = await import('../sense/sensor-file.ts');
      await using source = await openSource(file, config);
      let sensed = await source.read();
      let seconds: number | null = null;
      if (!once && source.isLive && sensed.timestampNs !== null) {
        seconds = config.classify.minSeconds;
        console.error(WORDS.classify.measuring(FORMATS.number(seconds)));
        await delay(seconds * 1000);
        sensed = withRates(sensed, await source.read());
      }
      const { shape, totalKb, freeKb, usedKb } = sensed;
      const judged = sensed.rows.map(({ run: _, ...row }) => ({
        ...row,
        ...applyClassLines(row.cpuPercent, row.memPercent, 'unknown', config),
      }));
      const groups = { low: judged.filter(isOf('low')), high: judged.filter(isOf('high')) };
      if (json) {
        const head = { source: source.name, shape, rate_seconds: seconds };
        return printJson({ ...head, total_kb: totalKb, free_kb: freeKb, used_kb: usedKb, ...groups });
      }
      if (report) return console.log(reportOf(sensed, groups));
      console.log(group(WORDS.classify.groups.low, groups.low));
      console.log(`\n${group(WORDS.classify.groups.high, groups.high)}`);
    });
}

/** What is classified. A live one can be read twice, and gives rates. */
interface Source extends AsyncDisposable {
  readonly name: string;
  readonly isLive: boolean;
  read(): Promise<SensorFile>;
}

/** The named file, else the modules' file, else the sensor that the daemon would take. */
async function openSource(file: string | undefined, config: Config): Promise<Source> {
  const { fromReading, readSensorFile } = await import('../sense/sensor-file.ts');
  const path = file ?? modulesFile(config);
  if (path !== null)
    return {
      name: path,
      isLive: path.startsWith('/proc/'),
      read: async () => readNamed(path, file === undefined, readSensorFile),
      [Symbol.asyncDispose]: async () => {},
    };
  const { PreferredSensor } = await import('../sense/preferred.ts');
  const sensor = new PreferredSensor(config);
  let kind: string = config.sensor;
  return {
    get name() {
      return kind;
    },
    isLive: true,
    read: async () => {
      const reading = await sensor.read();
      kind = reading.kind;
      return fromReading(reading, Number(process.hrtime.bigint()));
    },
    [Symbol.asyncDispose]: () => sensor[Symbol.asyncDispose](),
  };
}

/** The file of our module, or of the earlier module where only that one is loaded; null where another sensor is taken. */
function modulesFile({ carnet, sensor }: Config): string | null {
  if (sensor === 'bpf' || sensor === 'procfs') return null;
  const ours = `/proc/continfo_so1_${carnet}`;
  const found = [ours, `/proc/container_info_${carnet}`].find((path) => existsSync(path));
  return found ?? (sensor === 'kernel' ? ours : null);
}

/** Reads a file; an error names it and says what to do. */
function readNamed<T>(path: string, isDefault: boolean, read: (text: string) => T): T {
  try {
    return read(readFileSync(path === '-' ? 0 : path, 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = code === 'ENOENT' && isDefault ? WORDS.classify.noModules : (WRONG[code] ?? errorText(error));
    throw new Error(`${path === '-' ? WORDS.classify.standardInput : path}: ${why}`);
  }
}

const WRONG: Readonly<Record<string, string>> = {
  ENOENT: WORDS.classify.noFile,
  EACCES: WORDS.classify.noPermission,
  EISDIR: WORDS.classify.isDirectory,
};

const isOf =
  (level: 'low' | 'high') =>
  (row: { level: string }): boolean =>
    row.level === level;

type Row = Omit<SensorRow, 'run'>;

function group(title: string, rows: readonly (Row & { because: Reason })[]): string {
  const heading = paint('bold', `${title} (${rows.length})`);
  if (rows.length === 0) return `${heading}\n  ${WORDS.classify.none}`;
  const { columns } = WORDS;
  const listing = table(rows, [
    { title: 'PID', right: true, value: (row) => String(row.pid) },
    { title: columns.name, wraps: true, value: (row) => row.name },
    { title: columns.container, value: (row) => row.containerId?.slice(0, 12) ?? '-' },
    { title: 'MEM %', right: true, value: (row) => FORMATS.number(row.memPercent, 2) },
    { title: 'CPU %', right: true, value: (row) => FORMATS.number(row.cpuPercent, 2) },
    { title: columns.why, wraps: true, value: (row) => render(row.because, LANGUAGE) },
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
