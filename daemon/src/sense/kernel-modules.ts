import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ContainerUsage, ProcessSample } from '../model/snapshot.ts';
import { type ContainerRow, Continfo, type ProcessRow, parse, Sysinfo } from './contract.ts';
import { type Reading, type Sensor, SensorError } from './reading.ts';

const MAX_BYTES = 256 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

/** Reads /proc/continfo_so1_<carnet> and /proc/sysinfo_so1_<carnet>. */
export class KernelModules implements Sensor {
  readonly #continfo: string;
  readonly #sysinfo: string;

  constructor(carnet: string, proc = '/proc') {
    this.#continfo = `${proc}/continfo_so1_${carnet}`;
    this.#sysinfo = `${proc}/sysinfo_so1_${carnet}`;
  }

  isLoaded(): boolean {
    return existsSync(this.#continfo) && existsSync(this.#sysinfo);
  }

  async read(): Promise<Reading> {
    const continfo = parse('continfo', await readWhole('continfo', this.#continfo), Continfo);
    const sysinfo = parse('sysinfo', await readWhole('sysinfo', this.#sysinfo), Sysinfo);
    const { memory } = sysinfo;
    return {
      kind: 'kernel',
      cpus: sysinfo.cpus,
      memory: { totalKb: memory.total_kb, freeKb: memory.free_kb, availableKb: memory.available_kb },
      processes: sysinfo.processes.map(toProcess),
      processCounts: countsOf(sysinfo),
      containers: new Map(continfo.containers.map((row) => [row.id, toUsage(row)])),
    };
  }
}

/** The whole file, up to a bound: /proc gives no size, and a runaway file must not fill the memory. */
async function readWhole(sensor: 'continfo' | 'sysinfo', path: string): Promise<string> {
  try {
    await using file = await open(path);
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return Buffer.concat(chunks).toString('utf8');
      size += bytesRead;
      if (size > MAX_BYTES) throw new SensorError(sensor, `${path} is longer than ${MAX_BYTES} bytes`);
      chunks.push(buffer.subarray(0, bytesRead));
    }
  } catch (error) {
    if (error instanceof SensorError) throw error;
    throw new SensorError(
      sensor,
      `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function countsOf({ processes }: Sysinfo) {
  const byState: Record<string, number> = {};
  for (const { state } of processes) byState[state] = (byState[state] ?? 0) + 1;
  return { total: processes.length, byState };
}

function toProcess(row: ProcessRow): ProcessSample {
  return {
    pid: row.pid,
    ppid: row.ppid,
    uid: row.uid,
    name: row.name,
    cmdline: row.cmdline,
    state: row.state,
    threads: row.threads,
    vszKb: row.vsz_kb,
    rssKb: row.rss_kb,
    memPercent: row.mem_percent,
    cpuPercent: row.cpu_percent,
    cpuTimeNs: row.cpu_time_ns,
    startNs: row.start_ns,
    ioReadBytes: row.io_read_bytes,
    ioWriteBytes: row.io_write_bytes,
    containerId: row.container_id,
  };
}

function toUsage(row: ContainerRow): ContainerUsage {
  return {
    pid: row.pid,
    startNs: row.start_ns,
    processName: row.name,
    cgroup: row.cgroup,
    processCount: row.process_count,
    vszKb: row.vsz_kb,
    rssKb: row.rss_kb,
    memPercent: row.mem_percent,
    cpuTimeNs: row.cpu_time_ns,
    cpuPercent: row.cpu_percent,
    memoryCurrentKb: row.memory_current_kb,
    memoryLimitKb: row.memory_limit_kb,
    ioReadBytes: row.io_read_bytes,
    ioWriteBytes: row.io_write_bytes,
    netRxBytes: row.net_rx_bytes,
    netTxBytes: row.net_tx_bytes,
  };
}
