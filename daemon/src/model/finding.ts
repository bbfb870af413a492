import type { FactName } from './host-facts.ts';
import type { Reason } from './reason.ts';

/** One line of `vigia doctor`: a code with parameters. The sentences are in words/doctor-english.ts and -spanish.ts. */
export type Finding = { readonly check: Check; readonly state: FindingState } & Diagnosis;

/** `note`: Vigía works, with less. `problem`: something does not work, or will soon not. */
export type FindingState = 'ok' | 'note' | 'problem';

export type Check = FactName | 'signatures' | 'build' | 'pressure';

/** The parameters of each code. */
export interface FindingParameters {
  'probe-failed': { readonly because: Reason };
  'probe-too-slow': Record<never, never>;

  'configuration-valid': { readonly file: string };
  'configuration-defaults': Record<never, never>;
  'configuration-invalid': { readonly error: string };
  'entry-without-effect': { readonly because: Reason };
  'entries-match': Record<never, never>;

  'kernel-suits': { readonly release: string };
  'kernel-old': { readonly release: string };
  'signatures-free': Record<never, never>;
  'signatures-demanded': { readonly secureBoot: boolean; readonly lockdown: string };
  'tools-present': { readonly compiler: string };
  'tools-missing': {
    readonly missing: readonly ('headers' | 'compiler' | 'make')[];
    readonly install: string;
  };
  'modules-loaded': Record<never, never>;
  'modules-of-other-sources': { readonly names: string };
  'modules-loadable': { readonly from: 'installed' | 'file' | 'build' };
  'modules-refused': { readonly because: Reason; readonly isDemanded: boolean };
  'modules-not-wanted': { readonly sensor: string };
  'bpf-loaded': Record<never, never>;
  'bpf-loadable': Record<never, never>;
  'bpf-refused': { readonly because: Reason };

  'cgroups-suit': { readonly version: 1 | 2 };
  'cgroups-old': Record<never, never>;
  'controllers-missing': { readonly names: string };
  'memory-controller-missing': Record<never, never>;
  'pressure-measured': Record<never, never>;
  'pressure-missing': Record<never, never>;
  'swap-present': { readonly devices: string; readonly mib: number };
  'swap-in-memory': { readonly devices: string; readonly mib: number };
  'swap-absent': Record<never, never>;

  'engine-answers': { readonly version: string };
  'engine-old': { readonly version: string; readonly install: string };
  'engine-silent': { readonly because: Reason; readonly install: string };
  'containers-placed': { readonly sensor: string; readonly running: number };
  'containers-not-placed': { readonly because: Reason };

  'cron-ready': Record<never, never>;
  'cron-not-wanted': Record<never, never>;
  'cron-without-daemon': { readonly install: string };
  'cron-left-over': Record<never, never>;
  'cron-altered': Record<never, never>;
  'cron-missing': Record<never, never>;

  'compose-present': { readonly command: string };
  'compose-missing': { readonly install: string };
  'port-free': { readonly port: number };
  'port-ours': { readonly port: number };
  'port-taken': { readonly port: number; readonly by: string; readonly pid: number | null };
  'grafana-runs': Record<never, never>;
  'grafana-stopped': { readonly status: string };
  'grafana-absent': Record<never, never>;
  'grafana-not-wanted': Record<never, never>;

  'disk-has-room': { readonly path: string; readonly used: number; readonly freeGib: number };
  'disk-short': { readonly path: string; readonly used: number; readonly freeGib: number };
  'inodes-short': { readonly path: string; readonly used: number };

  'clock-synchronised': Record<never, never>;
  'clock-not-synchronised': { readonly install: string };
  'clock-unknown': { readonly install: string };

  'record-sound': { readonly path: string };
  'record-absent': { readonly path: string };
  'record-too-large': { readonly path: string };
  'record-damaged': { readonly path: string; readonly detail: string };
  'record-no-permission': { readonly path: string };
  'record-unreadable': { readonly path: string; readonly detail: string };
  'record-shared': Record<never, never>;
  'record-not-shared': { readonly paths: readonly string[]; readonly directory: string };

  'unit-absent': Record<never, never>;
  'unit-sandboxed': { readonly status: string };
  'unit-other': { readonly file: string; readonly status: string };
  'unit-failed': Record<never, never>;
  'unit-loosened': { readonly settings: string };
  'no-systemd': Record<never, never>;
}

export type FindingCode = keyof FindingParameters;
export type Diagnosis = { [C in FindingCode]: { readonly code: C } & FindingParameters[C] }[FindingCode];
