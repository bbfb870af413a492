import * as v from 'valibot';
import { errorMessage } from '../model/error-message.ts';
import type { Nanoseconds } from '../model/units.ts';
import { Continfo, Sysinfo } from './contract.ts';
import type { Reading } from './reading.ts';

/** A container or a process in a sensor's file, in one shape for all kinds of file. */
export interface SensorRow {
  readonly pid: number;
  readonly name: string;
  readonly containerId: string | null;
  readonly cpuPercent: number;
  readonly memPercent: number;
  /** Which run this is and the CPU time that it has used; the older shape has neither. */
  readonly run?: { readonly startNs: number; readonly cpuTimeNs: number };
}

export interface SensorFile {
  readonly shape: 'continfo' | 'sysinfo' | 'container_info';
  /** When it was sampled, since boot; null in the older shape. */
  readonly timestampNs: number | null;
  readonly totalKb: number;
  readonly freeKb: number | null;
  readonly usedKb: number | null;
  readonly rows: readonly SensorRow[];
}

/** The file has none of the known shapes. */
export class SensorFileError extends Error {
  override readonly name = 'SensorFileError';
}

/** A figure as a number, or as text: /proc/container_info_<carnet> writes text. */
const figure = v.pipe(
  v.unknown(),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }): number => {
    const number = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number) && number >= 0) return number;
    addIssue({ message: `must be a number ≥ 0, not ${(JSON.stringify(value) ?? 'absent').slice(0, 40)}` });
    return NEVER;
  }),
);

const ContainerInfo = v.object({
  total_memory_kb: figure,
  free_memory_kb: v.optional(figure),
  used_memory_kb: v.optional(figure),
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
    // Editors on Windows put a byte order mark in front.
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    // The message quotes the text around the error, with its line breaks.
    throw new SensorFileError(`not JSON: ${errorMessage(error).replace(/\s+/g, ' ')}`);
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
    run: { startNs: c.start_ns, cpuTimeNs: c.cpu_time_ns },
  }));
  return { shape: 'continfo', ...headOf(file), rows };
}

function fromSysinfo(file: Sysinfo): SensorFile {
  const rows = file.processes.map((p) => ({
    pid: p.pid,
    name: p.name,
    containerId: p.container_id,
    cpuPercent: p.cpu_percent,
    memPercent: p.mem_percent,
    run: { startNs: p.start_ns, cpuTimeNs: p.cpu_time_ns },
  }));
  return { shape: 'sysinfo', ...headOf(file), rows };
}

function headOf({ timestamp_ns: timestampNs, memory }: Continfo | Sysinfo) {
  return { timestampNs, totalKb: memory.total_kb, freeKb: memory.free_kb, usedKb: memory.used_kb };
}

function fromContainerInfo(file: v.InferOutput<typeof ContainerInfo>): SensorFile {
  const rows = file.processes.map((p) => ({
    pid: p.pid,
    name: p.process_name,
    containerId: p.container_id,
    cpuPercent: p.cpu_usage_percent,
    memPercent: p.memory_usage_percent,
  }));
  return {
    shape: 'container_info',
    timestampNs: null,
    totalKb: file.total_memory_kb,
    freeKb: file.free_memory_kb ?? null,
    usedKb: file.used_memory_kb ?? null,
    rows,
  };
}

/** The containers of a sensor's reading, taken at `timestampNs` of any clock, in the same shape. */
export function fromReading({ memory, containers }: Reading, timestampNs: Nanoseconds): SensorFile {
  const rows = [...containers].map(([id, usage]) => ({
    pid: usage.pid,
    name: usage.processName,
    containerId: id,
    cpuPercent: usage.cpuPercent,
    memPercent: usage.memPercent,
    run: { startNs: usage.startNs, cpuTimeNs: usage.cpuTimeNs },
  }));
  const { totalKb, freeKb, availableKb } = memory;
  return { shape: 'continfo', timestampNs, totalKb, freeKb, usedKb: totalKb - availableKb, rows };
}

/** The later of two readings with CPU rates since the earlier; what the earlier does not have keeps its average. */
export function withRates(before: SensorFile, after: SensorFile): SensorFile {
  const elapsedNs = (after.timestampNs ?? 0) - (before.timestampNs ?? 0);
  const earlier = new Map(before.rows.map((row) => [`${row.pid} ${row.run?.startNs}`, row.run?.cpuTimeNs]));
  const rows = after.rows.map((row) => {
    const usedNs = (row.run?.cpuTimeNs ?? 0) - (earlier.get(`${row.pid} ${row.run?.startNs}`) ?? Infinity);
    // Less than before: a process of the container ended and took its CPU time out of the sum.
    return usedNs < 0 || elapsedNs <= 0 ? row : { ...row, cpuPercent: (usedNs / elapsedNs) * 100 };
  });
  return { ...after, rows };
}

function check<S extends v.GenericSchema>(schema: S, value: unknown, shape: string): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new SensorFileError(`looks like ${shape}, but "${v.getDotPath(issue) ?? 'top'}": ${issue.message}`);
}
