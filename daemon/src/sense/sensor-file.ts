import * as v from 'valibot';
import { errorMessage } from '../model/error-message.ts';
import { Continfo, Sysinfo } from './contract.ts';

/** A container or a process in a sensor's file, in one shape for all kinds of file. */
export interface SensorRow {
  readonly pid: number;
  readonly name: string;
  readonly containerId: string | null;
  readonly cpuPercent: number;
  readonly memPercent: number;
}

export interface SensorFile {
  readonly shape: 'continfo' | 'sysinfo' | 'container_info';
  readonly totalKb: number;
  readonly rows: readonly SensorRow[];
}

/** The file has none of the known shapes. */
export class SensorFileError extends Error {
  override readonly name = 'SensorFileError';
}

/** A number, or a number as text, as the module of 2024 (/proc/container_info_<carnet>) writes it. */
const figure = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d+(\.\d+)?$/, 'not a number'), v.transform(Number))]),
  v.number(),
  v.finite(),
  v.minValue(0),
);

const ContainerInfo = v.object({
  total_memory_kb: figure,
  processes: v.array(
    v.object({
      process_name: v.string(),
      pid: figure,
      container_id: v.string(),
      memory_usage_percent: figure,
      cpu_usage_percent: figure,
    }),
  ),
});

/**
 * Reads a sensor's file of any shape, recognised by its content. Percentages are lifetime averages. Throws
 * SensorFileError.
 */
export function readSensorFile(text: string): SensorFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SensorFileError(`not JSON: ${errorMessage(error)}`);
  }
  if (!v.is(v.looseObject({}), value)) throw new SensorFileError('not a JSON object');
  if ('containers' in value) return fromContinfo(check(Continfo, value, 'continfo'));
  if ('total_memory_kb' in value)
    return fromContainerInfo(check(ContainerInfo, value, 'container_info (older shape)'));
  if ('processes' in value) return fromSysinfo(check(Sysinfo, value, 'sysinfo'));
  throw new SensorFileError(
    'neither continfo, sysinfo nor the older container_info: no "containers", "processes" or "total_memory_kb"',
  );
}

function fromContinfo(file: Continfo): SensorFile {
  const rows = file.containers.map((c) => ({
    pid: c.pid,
    name: c.name,
    containerId: c.id,
    cpuPercent: c.cpu_percent,
    memPercent: c.mem_percent,
  }));
  return { shape: 'continfo', totalKb: file.memory.total_kb, rows };
}

function fromSysinfo(file: Sysinfo): SensorFile {
  const rows = file.processes.map((p) => ({
    pid: p.pid,
    name: p.name,
    containerId: p.container_id,
    cpuPercent: p.cpu_percent,
    memPercent: p.mem_percent,
  }));
  return { shape: 'sysinfo', totalKb: file.memory.total_kb, rows };
}

function fromContainerInfo(file: v.InferOutput<typeof ContainerInfo>): SensorFile {
  const rows = file.processes.map((p) => ({
    pid: p.pid,
    name: p.process_name,
    containerId: p.container_id,
    cpuPercent: p.cpu_usage_percent,
    memPercent: p.memory_usage_percent,
  }));
  return { shape: 'container_info', totalKb: file.total_memory_kb, rows };
}

function check<S extends v.GenericSchema>(schema: S, value: unknown, shape: string): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new SensorFileError(`looks like ${shape}, but "${v.getDotPath(issue) ?? 'top'}": ${issue.message}`);
}
