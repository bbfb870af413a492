import { existsSync } from 'node:fs';
import { deepestFirst } from '../engine/container-path.ts';
import type { ProcessSample, SensedUsage } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import { withoutProcesses } from './continfo-text.ts';
import { type ContainerRow, Continfo, type ProcessRow, parse } from './contract.ts';
import { separateNested } from './nested-containers.ts';
import { ProcFile, utf8Of } from './proc-file.ts';
import type { Reading, Sensor } from './reading.ts';
import { SysinfoText } from './sysinfo-text.ts';

/** Sensor that reads the kernel modules' files /proc/continfo_so1_<carnet> and /proc/sysinfo_so1_<carnet>. */
export class KernelModules implements Sensor {
  readonly #continfo: ProcFile;
  readonly #sysinfo: ProcFile;
  readonly #sysinfoText = new SysinfoText(toProcess, utf8Of);

  constructor(carnet: string, proc = '/proc') {
    this.#continfo = new ProcFile('continfo', `${proc}/continfo_so1_${carnet}`);
    this.#sysinfo = new ProcFile('sysinfo', `${proc}/sysinfo_so1_${carnet}`);
  }

  isLoaded(): boolean {
    return existsSync(this.#continfo.path) && existsSync(this.#sysinfo.path);
  }

  async read(known: ReadonlySet<ContainerId> = new Set()): Promise<Reading> {
    try {
      // The containers come last: their cgroups are read right after, and the figures of both are compared.
      const sysinfo = this.#sysinfoText.parse(await this.#sysinfo.read());
      const continfo = parse('continfo', utf8Of(withoutProcesses(await this.#continfo.read())), Continfo);
      return separateNested(toReading(continfo, sysinfo), known, continfo.timestamp_ns);
    } catch (error) {
      // Both are reopened: after a reload of the modules, an old open file would make the next cycle fail too.
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#continfo.close();
    await this.#sysinfo.close();
  }
}

type Sensed = ReturnType<SysinfoText<ProcessSample>['parse']>;

function toReading(continfo: Continfo, sysinfo: Sensed): Reading {
  const { memory } = sysinfo;
  return {
    kind: 'kernel',
    cpus: sysinfo.cpus,
    memory: { totalKb: memory.total_kb, freeKb: memory.free_kb, availableKb: memory.available_kb },
    processes: sysinfo.processes,
    processCounts: countsOf(sysinfo),
    // When two cgroups name the same container, the last one counts: see deepestFirst.
    containers: new Map(
      continfo.containers
        .toSorted((a, b) => deepestFirst(a.cgroup, b.cgroup))
        .map((row) => [row.id, toUsage(row)]),
    ),
  };
}

function countsOf({ processes }: Sensed) {
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

function toUsage(row: ContainerRow): SensedUsage {
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
