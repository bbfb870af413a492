import type { ProcessSample, Snapshot } from '../model/snapshot.ts';

/** CPU of each process since the previous cycle, 100 = one core; over its life while it is new. */
export class ProcessRates {
  #last: { monotonicNs: number; cpuTimeNs: Map<string, number> } | null = null;

  rate(snapshot: Snapshot): { process: ProcessSample; cpuPercent: number }[] {
    const last = this.#last;
    const cpuTimeNs = new Map(snapshot.processes.map((process) => [identity(process), process.cpuTimeNs]));
    this.#last = { monotonicNs: snapshot.monotonicNs, cpuTimeNs };
    const elapsed = last === null ? 0 : snapshot.monotonicNs - last.monotonicNs;
    return snapshot.processes.map((process) => {
      const before = last?.cpuTimeNs.get(identity(process));
      const known = before !== undefined && elapsed > 0 && process.cpuTimeNs >= before;
      return {
        process,
        cpuPercent: known ? ((process.cpuTimeNs - before) / elapsed) * 100 : process.cpuPercent,
      };
    });
  }
}

const identity = ({ pid, startNs }: ProcessSample): string => `${pid}/${startNs}`;
