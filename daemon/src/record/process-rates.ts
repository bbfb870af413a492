import { runId } from '../model/run-id.ts';
import type { ProcessSample, Snapshot } from '../model/snapshot.ts';

/** CPU of each process since the cycle that was written last, 100 = one core; over its life while it is new. */
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

  /** The cycle is written: the next one is measured against it. */
  remember({ monotonicNs, processes }: Snapshot): void {
    const cpuTimeNs = new Map(processes.map((process) => [runId(process), process.cpuTimeNs]));
    this.#last = { monotonicNs, cpuTimeNs };
  }
}
