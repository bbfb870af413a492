/** Output of run.sh. Times in ms per reading; on a machine that counts instructions, in millions of instructions. */
export interface Cost {
  readonly cpu_ms: number;
  readonly wall_ms: number;
  /** CPU time of a service that worked for the reader. */
  readonly service_ms?: number;
}

export interface Run {
  readonly machine: {
    readonly kernel: string;
    readonly cpu: string;
    readonly cpus: number;
    readonly memory_kb: number;
    readonly ps: string;
    readonly docker: string;
  };
  readonly processes: readonly {
    readonly processes: number;
    readonly bytes: number;
    readonly rounds: number;
    readonly costs: Record<string, Cost>;
    readonly node: Record<string, Cost> | null;
  }[];
  readonly containers: readonly {
    readonly containers: number;
    readonly bytes: number;
    readonly rounds: number;
    readonly costs: Record<string, Cost>;
  }[];
}

export interface Results {
  /** Packages and their versions. */
  readonly rivals: readonly string[];
  readonly processes: Run;
  readonly containers: Run;
  readonly instructions: Run;
}
