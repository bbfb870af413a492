import { runId } from '../model/run-id.ts';
import type { ProcessSample, Snapshot } from '../model/snapshot.ts';

/** CPU rate of each process since the last written cycle, 100 is one core. A new process has its lifetime average. */
export class ProcessRates {
  #last: { monotonicNs: number; cpuTimeNs: Map<string, number> } | null = null;

  rate(snapshot: Snapshot): { process: ProcessSample; cpuPercent: number }[] {
    const last = this.#last;
    const elapsed = last === null ? 0 : snapshot.monotonicNs - last.monotonicNs;
    return snapshot.processes.map((process) => {
      const before = last?.cpuTimeNs.get(runId(process));
      const known = before !== undefined && elapsed > 0 && process.cpuTimeNs >= before;
      return {
        process,
        cpuPercent: known ? ((process.cpuTimeNs - before) / elapsed) * 100 : process.cpuPercent,
      };
    });
  }

  /** To be called when the cycle is written: the next rates are computed against it. */
  remember({ monotonicNs, processes }: Snapshot): void {
    const cpuTimeNs = new Map(processes.map((process) => [runId(process), process.cpuTimeNs]));
    this.#last = { monotonicNs, cpuTimeNs };
  }
}
