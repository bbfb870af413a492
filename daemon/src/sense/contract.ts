import * as v from 'valibot';
import { errorMessage } from '../model/error-message.ts';
import { SensorError } from './reading.ts';

// Schema 1 of the kernel modules' two files (contract/FIELDS.md). Unknown fields are allowed: newer modules stay
// readable.

/** A whole number up to the largest that a 64-bit column holds. */
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 63 - 1024));
/** null becomes 0: the modules write it at age 0, when nothing can have been used yet. */
const percent = v.pipe(
  v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0))),
  v.transform((figure) => figure ?? 0),
);
const id = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

export const Process = v.object({
  pid: v.pipe(count, v.minValue(1)),
  ppid: count,
  uid: count,
  name: v.string(),
  cmdline: v.nullable(v.string()),
  state: v.pipe(v.string(), v.length(1)),
  threads: count,
  vsz_kb: count,
  rss_kb: count,
  mem_percent: percent,
  cpu_percent: percent,
  cpu_time_ns: count,
  start_ns: count,
  io_read_bytes: v.nullable(count),
  io_write_bytes: v.nullable(count),
  container_id: v.nullable(id),
});

const head = {
  schema: v.literal(1),
  module: v.string(),
  sequence: count,
  timestamp_ns: count,
  walk_ns: count,
  cpus: v.pipe(count, v.minValue(1)),
  memory: v.object({
    total_kb: v.pipe(count, v.minValue(1)),
    free_kb: count,
    available_kb: count,
    used_kb: count,
  }),
  // The last field that the modules write: a file without it was truncated.
  complete: v.literal(true),
};

const Container = v.object({
  id,
  cgroup: v.string(),
  pid: count,
  name: v.string(),
  process_count: count,
  vsz_kb: count,
  rss_kb: count,
  mem_percent: percent,
  cpu_percent: percent,
  cpu_time_ns: count,
  start_ns: count,
  memory_current_kb: v.nullable(count),
  memory_limit_kb: v.nullable(count),
  io_read_bytes: v.nullable(count),
  io_write_bytes: v.nullable(count),
  net_rx_bytes: v.nullable(count),
  net_tx_bytes: v.nullable(count),
});

export const Sysinfo = v.object({
  ...head,
  counts: v.record(v.string(), count),
  processes: v.array(Process),
});

export const Continfo = v.object({ ...head, containers: v.array(Container) });

export type Sysinfo = v.InferOutput<typeof Sysinfo>;
export type Continfo = v.InferOutput<typeof Continfo>;
export type ProcessRow = v.InferOutput<typeof Process>;
export type ContainerRow = v.InferOutput<typeof Container>;

/** Parses and validates a module's text. Throws SensorError, whose message says what is wrong and where. */
export function parse<S extends v.GenericSchema>(
  sensor: 'continfo' | 'sysinfo',
  text: string,
  schema: S,
): v.InferOutput<S> {
  if (text.trim() === '') throw new SensorError(sensor, { code: 'file-empty' });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const problem = errorMessage(error);
    throw new SensorError(sensor, { code: 'file-not-json', characters: text.length, problem });
  }
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue) ?? 'top';
  throw new SensorError(sensor, { code: 'file-not-schema-1', field, problem: issue.message });
}
