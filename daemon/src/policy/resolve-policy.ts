import { isMeant, PROJECT_LABEL, SERVICE_LABEL } from '../model/compose.ts';
import type { Config } from '../model/config.ts';
import {
  type ContainerPolicy,
  DEFAULT_REMEDIES,
  type ManageEntry,
  REMEDIES,
  type Remedy,
} from '../model/container-policy.ts';
import { NO_ORDERS, strictest } from '../model/orders.ts';
import {
  DISPOSABLE_LABEL,
  isNamed,
  MANAGED_LABEL,
  PROTECTED_LABEL,
  protectedBy,
  repositoryOf,
  SPAWN_LABEL,
} from '../model/ownership.ts';
import type { Reason } from '../model/reason.ts';
import type { EngineContainer } from '../model/snapshot.ts';

export const ALLOW_LABEL = 'vigia.allow';
export const PRIORITY_LABEL = 'vigia.priority';
const CPU_LABEL = 'vigia.cpu';
const MEMORY_LABEL = 'vigia.memory';
const GRACE_LABEL = 'vigia.grace';
const DEPENDANTS_LABEL = 'vigia.dependants';
export const DEPENDS_ON_LABEL = 'com.docker.compose.depends_on';
/** Set by Swarm and by Kubernetes: their orchestrator looks after such a container. */
const ORCHESTRATED = ['com.docker.swarm.task.id', 'io.kubernetes.pod.uid', 'io.kubernetes.pod.name'] as const;
/** A label or list longer than this makes no sense. */
const MOST_DEPENDANTS = 50;

type Named = Pick<EngineContainer, 'name' | 'image' | 'labels'> & Partial<Pick<EngineContainer, 'id'>>;
type PolicyConfig = Pick<Config, 'protect' | 'manage' | 'release' | 'orders'>;

/** The policy of one container, with what is ordered for it at this moment. */
export function policyOf(container: Named, config: PolicyConfig): ContainerPolicy {
  const policy = standingPolicyOf(container, config);
  const { pauses, bars } = config.orders ?? NO_ORDERS;
  const paused = strictest(
    pauses.filter(({ targets }) => targets.length === 0 || targets.some((one) => isMeant(one, container))),
  );
  const barred = bars.filter(({ id }) => id === container.id);
  return {
    ...policy,
    ...(paused === null ? {} : { paused }),
    ...(barred.length === 0 ? {} : { barred }),
  };
}

/**
 * The policy of one container. The configuration beats its labels, with two limits: a label can only forbid more, and
 * the configuration makes nothing disposable. A label that makes no sense is read in the stricter way and reported.
 */
function standingPolicyOf(container: Named, config: PolicyConfig): ContainerPolicy {
  const warnings: Reason[] = [];
  const { labels } = container;
  const flag = (label: string): 'true' | 'false' | 'absent' => {
    const value = labels[label];
    if (value === undefined) return 'absent';
    if (value === 'true' || value === 'false') return value;
    warnings.push({ code: 'label-not-understood', label, value: shortened(value) });
    return 'false';
  };
  const guard = labels[PROTECTED_LABEL] ?? 'true';
  if (guard !== 'true' && guard !== 'false' && guard !== '')
    warnings.push({ code: 'label-not-understood', label: PROTECTED_LABEL, value: shortened(guard) });
  const protection = protectedBy(container, config.protect);
  if (protection !== null) return untouchable('protected', protection, warnings);
  const managed = flag(MANAGED_LABEL);
  const disposable = flag(DISPOSABLE_LABEL);
  if (isNamed(config.release.names, container))
    return untouchable('foreign', { code: 'released-by-config', name: container.name }, warnings);
  const entry = config.manage.find((one) => matches(one, container)) ?? null;
  const orchestrator = ORCHESTRATED.find((label) => label in labels);
  if (entry === null && orchestrator !== undefined)
    return untouchable('foreign', { code: 'orchestrated', label: orchestrator }, warnings);
  if (managed === 'true' && (disposable === 'true' || (disposable === 'absent' && SPAWN_LABEL in labels))) {
    const label = disposable === 'true' ? DISPOSABLE_LABEL : SPAWN_LABEL;
    return {
      ...settings(container, null, warnings),
      kind: 'disposable',
      because: { code: 'kind-by-label', label },
      allow: REMEDIES,
    };
  }
  if (managed === 'false')
    return untouchable('foreign', { code: 'kind-by-label', label: MANAGED_LABEL }, warnings);
  if (entry === null && managed === 'absent')
    return untouchable('foreign', { code: 'not-managed' }, warnings);
  return {
    ...settings(container, entry, warnings),
    kind: 'service',
    because:
      entry === null
        ? { code: 'kind-by-label', label: MANAGED_LABEL }
        : { code: 'managed-by-config', at: entry.at },
    allow: allowed(labels[ALLOW_LABEL], entry, warnings),
  };
}

/** Whether every field that the entry gives matches the container. */
export function matches({ match }: ManageEntry, { name, image, labels }: Named): boolean {
  const { name: named, image: from, label, project, service } = match;
  if (named !== undefined && named !== name) return false;
  if (from !== undefined && repositoryOf(from) !== repositoryOf(image)) return false;
  if (project !== undefined && labels[PROJECT_LABEL] !== project) return false;
  if (service !== undefined && labels[SERVICE_LABEL] !== service) return false;
  if (label === undefined) return true;
  const equals = label.indexOf('=');
  return equals === -1 ? label in labels : labels[label.slice(0, equals)] === label.slice(equals + 1);
}

/** Entries of `manage:` that match nothing, or only what is protected. */
export function manageWarnings(containers: readonly Named[], config: PolicyConfig): Reason[] {
  return config.manage.flatMap((entry): Reason[] => {
    const found = containers.filter((container) => matches(entry, container));
    if (found.length === 0) return [{ code: 'manage-matches-nothing', at: entry.at }];
    return found
      .filter((container) => protectedBy(container, config.protect) !== null)
      .map(({ name }): Reason => ({ code: 'manage-matches-protected', at: entry.at, name }));
  });
}

function untouchable(
  kind: 'foreign' | 'protected',
  because: Reason,
  warnings: readonly Reason[],
): ContainerPolicy {
  return {
    ...{ kind, because, warnings, allow: [], priority: 0 },
    ...{ cpuPercent: null, expectedKb: null, graceSeconds: null, dependants: [] },
  };
}

type Settings = Omit<ContainerPolicy, 'kind' | 'because' | 'allow'>;

/** The entry's settings; where it gives none, those of the labels. */
function settings({ labels }: Named, entry: ManageEntry | null, warnings: Reason[]): Settings {
  const number = (label: string, least: number, most: number): number | null => {
    const value = labels[label];
    if (value === undefined) return null;
    const figure = /^-?\d{1,9}(?:\.\d{1,6})?$/.test(value) ? Number(value) : Number.NaN;
    if (figure >= least && figure <= most) return figure;
    warnings.push({ code: 'label-not-understood', label, value: shortened(value) });
    return null;
  };
  const expectedMib = entry?.expectedMib ?? number(MEMORY_LABEL, 1, 1e9);
  const listed = (labels[DEPENDANTS_LABEL] ?? '').slice(0, 5000).split(',');
  const dependants = listed.map((name) => name.trim()).filter((name) => name !== '');
  return {
    priority: entry?.priority ?? number(PRIORITY_LABEL, -1e9, 1e9) ?? 0,
    cpuPercent: entry?.cpuPercent ?? number(CPU_LABEL, 1, 100_000),
    expectedKb: expectedMib === null ? null : expectedMib * 1024,
    graceSeconds: entry?.graceSeconds ?? number(GRACE_LABEL, 0, 86_400),
    dependants: [...(entry?.dependants ?? []), ...dependants].slice(0, MOST_DEPENDANTS),
    warnings,
  };
}

/** What a service allows: the entry's list, or the default, and no more than its label allows. */
function allowed(
  label: string | undefined,
  entry: ManageEntry | null,
  warnings: Reason[],
): readonly Remedy[] {
  const configured = entry?.allow ?? null;
  if (label === undefined) return configured ?? DEFAULT_REMEDIES;
  const tokens =
    label === 'none'
      ? []
      : label
          .slice(0, 200)
          .split(',')
          .map((token) => token.trim());
  const known = REMEDIES.filter((remedy) => tokens.includes(remedy));
  if (tokens.some((token) => !REMEDIES.some((remedy) => remedy === token)))
    warnings.push({ code: 'label-not-understood', label: ALLOW_LABEL, value: shortened(label) });
  return configured === null ? known : known.filter((remedy) => configured.includes(remedy));
}

/** Labels may hold tens of megabytes. */
const shortened = (value: string): string => (value.length > 60 ? `${value.slice(0, 60)}…` : value);
