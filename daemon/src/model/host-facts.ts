import type { FileSystem } from './disk.ts';
import type { Reason } from './reason.ts';
import type { SensorKind } from './snapshot.ts';

/** The answer of one probe of `vigia doctor`. Without an answer: why it failed, or null when it took too long. */
export type Probed<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly because: Reason | null };

/** What `vigia doctor` looks at on this host. Each fact has a probe of its own. */
export interface HostFacts {
  /** `error`: why the configuration is not valid; then everything else is judged by the defaults. */
  readonly configuration: {
    readonly file: string | null;
    readonly error: string | null;
  };
  /** Entries of `manage` that match nothing, or what is protected. */
  readonly managed: readonly Reason[];
  readonly kernel: { readonly release: string };
  readonly modules: ModuleFacts;
  /** The BPF iterator: `because` says why this host does not take it. */
  readonly bpf:
    | { readonly state: 'loaded' | 'loadable' }
    | { readonly state: 'refused'; readonly because: Reason };
  readonly cgroups: {
    readonly isUnified: boolean;
    readonly controllers: readonly string[];
    /** Whether the kernel measures pressure (PSI). */
    readonly hasPressure: boolean;
  };
  readonly engine: { readonly version: string; readonly rootDirectory: string };
  /** Whether the sensor finds the containers that the engine lists as running. */
  readonly placing: {
    readonly sensor: SensorKind;
    readonly running: number;
    readonly because: Reason | null;
  };
  readonly cron: {
    readonly hasDaemon: boolean;
    readonly job: 'absent' | 'intact' | 'altered';
    readonly isLoopRunning: boolean;
  };
  /** The command of Docker Compose; null when there is none. */
  readonly compose: string | null;
  readonly pagePort: Listener | null;
  /** `state` is that of Grafana's container; null when there is none. */
  readonly grafana: { readonly state: string | null; readonly listener: Listener | null };
  readonly disks: readonly FileSystem[];
  /** null: this host does not say. */
  readonly clock: boolean | null;
  readonly record: {
    readonly path: string;
    readonly state: 'absent' | 'sound' | 'too-large' | 'damaged' | 'no-permission' | 'unreadable';
    readonly detail: string;
  };
  /** The record's directory first, then its files. */
  readonly recordAccess: readonly FileAccess[];
  /** null where systemd does not run. */
  readonly unit: UnitFacts | null;
  readonly swap: readonly { readonly device: string; readonly mib: number }[];
}

/** What scripts/load-modules.sh --check says. */
export interface ModuleFacts {
  readonly modules: readonly {
    readonly name: string;
    readonly way: 'already-loaded' | 'installed' | 'file' | 'build';
    /** Of a loaded one: whether it is the module that would be loaded now. */
    readonly identity: 'same' | 'other' | 'unknown' | null;
  }[];
  /** Why they would not be loaded. */
  readonly because: Reason | null;
  readonly tools: {
    readonly hasHeaders: boolean;
    readonly compiler: string;
    readonly hasMake: boolean;
    readonly install: string;
  } | null;
  readonly signatures: {
    readonly isSecureBoot: boolean;
    readonly lockdown: string;
    /** The kernel takes only signed modules. */
    readonly isEnforced: boolean;
  } | null;
}

/** The process that listens on a port of this host. */
export interface Listener {
  /** null when it cannot be seen, as without root. */
  readonly pid: number | null;
  readonly name: string;
  readonly isVigia: boolean;
}

export interface FileAccess {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface UnitFacts {
  readonly isInstalled: boolean;
  readonly file: string;
  readonly state: string;
  /** Settings of the sandbox that are not as packaged. */
  readonly loosened: readonly string[];
}

export type FactName = keyof HostFacts;
export type Facts = { readonly [N in FactName]: Probed<HostFacts[N]> };

/** How to install what may be missing, with this distribution's package manager. */
export type Installers = Readonly<Record<'cron' | 'compose' | 'docker' | 'chrony', string>>;
