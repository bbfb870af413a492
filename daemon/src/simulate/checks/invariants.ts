/** What must always hold (ARCHITECTURE.md, "Invariants"): each invariant with its description in reports. */
export const INVARIANTS = {
  // harm.ts
  'owner-data': 'no container that is not disposable is ever removed, and no volume of it is lost',
  innocent: 'no container that behaves is stopped, restarted or killed, unless it is disposable',
  'stopped-stays': 'what its owner stopped stays stopped, and stays there',
  'own-timeout':
    'no service is killed before its own stop timeout is over, unless it is the culprit of a memory emergency',
  protected: 'Vigía never acts on a protected container',
  foreign: 'Vigía never acts on a container that it does not manage',
  // quotas.ts
  floor: 'an action by Vigía never takes a class below its floor',
  'three-and-two': 'a cycle that classified every disposable container ends with exactly the quotas',
  'greedy-first': 'when a class is trimmed, the containers that use most are removed first',
  restored: 'the quotas are restored within the deadline',
  crowd: 'the host never fills up with containers',
  // starts.ts
  'no-excess': 'Vigía never starts more containers than a class lacks',
  'no-loop': 'Vigía never starts, or restarts, over and over what does not last',
  // readings.ts
  'second-snapshot':
    'a container is classified by the second good reading that shows it, ten seconds or more after the first',
  'good-reading':
    'Vigía never plans or acts on a blind or stale reading; with a silent engine it only kills for memory',
  'same-run': 'Vigía never acts on a container that restarted since it was classified (flapping excepted)',
  // memory.ts
  culprit: 'a container that is killed for memory is the one that took it, or a disposable one of its size',
  'culprit-named': 'the culprit is named, managed or not',
  'not-ours': 'while the culprit is not managed, no service is killed or squeezed, and no floor is broken',
  'cool-down': 'between two kills for memory, memory has time to recover',
  reaction: 'a kill follows a memory shortage within the deadline',
  'no-oom': 'the kernel kills for memory only when Vigía cannot, or may not, prevent it',
  caught: 'a leak is dealt with before memory is short, and a service that takes all memory right after that',
  // limits.ts
  patience: 'no container is throttled before its grace period is over',
  contended: "a service's CPU is limited only while the CPU of the host is contended",
  'no-oscillation': 'no container is throttled and released over and over',
  'restored-first': 'a throttled container gets its CPU back before it is stopped',
  'given-back': 'a throttled container that needs little CPU gets the rest back',
  'not-left-limited': 'no service that behaves stays limited without need',
  misbehaviour:
    'no managed container forks without end for long; no disposable one flaps or stalls I/O for long',
  // run-simulation.ts
  recorded: 'every cycle is recorded, unless the disk is full',
  'samples-kept': 'no sample is kept longer than the configuration says',
  'samples-level': 'the number of samples in the database stops growing',
  'memory-flat': "the daemon's memory stops growing",
} as const;

export type Invariant = keyof typeof INVARIANTS;

/** An invariant that did not hold. */
export interface Violation {
  readonly invariant: Invariant;
  /** The newest completed cycle. */
  readonly tick: number;
  /** Since the boot of the modelled host. */
  readonly atMs: number;
  readonly what: string;
}
