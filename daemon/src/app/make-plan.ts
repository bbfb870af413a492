import { existsSync } from 'node:fs';
import { classify } from '../classify/classify.ts';
import { decide } from '../decide/decide.ts';
import { BackOff } from '../engine/back-off.ts';
import { DockerEngine } from '../engine/docker-engine.ts';
import { cycle } from '../loop/loop.ts';
import { Watch } from '../loop/watch.ts';
import type { Config } from '../model/config.ts';
import type { ContainerPolicy, ManageEntry } from '../model/container-policy.ts';
import type { Action, Classification, Decision, Plan } from '../model/decision.ts';
import { type History, NO_HISTORY } from '../model/history.ts';
import type { Ports } from '../model/ports.ts';
import type { Reason } from '../model/reason.ts';
import type { ContainerSample, HostSample, SensorFault, SensorKind } from '../model/snapshot.ts';
import { manageWarnings, policyOf } from '../policy/resolve-policy.ts';
import { openForReading } from '../record/database.ts';
import { reloadHistory } from '../record/reload.ts';
import { PreferredSensor } from '../sense/preferred.ts';
import { SeenContainers } from '../sense/seen-containers.ts';
import { sense } from '../sense/sense.ts';
import { bootedAt, realClock } from './real-clock.ts';
import { ordersNow } from './standing-orders.ts';

/** One container, and what a cycle that acts would do to it. */
export interface PlannedContainer {
  readonly container: ContainerSample;
  readonly policy: ContainerPolicy;
  /** null while it does not run. */
  readonly classification: Classification | null;
  readonly actions: readonly Action[];
  /** What would be done if it were managed, for a container that is not. */
  readonly ifManaged: readonly Action[];
}

/** Whether the recorded history was used; `error` says why not, where there is one. */
export type RecordUse =
  | { readonly kind: 'used' | 'none' }
  | { readonly kind: 'unusable'; readonly error: unknown };

export interface HostPlan {
  /** The configured mode; the plan is made as in `enforce`. */
  readonly mode: Config['mode'];
  readonly host: HostSample | null;
  readonly sensor: SensorKind;
  /** What could not be seen. */
  readonly faults: readonly SensorFault[];
  readonly record: RecordUse;
  readonly containers: readonly PlannedContainer[];
  /** Containers that would be started. */
  readonly starts: readonly Action[];
  /** Why nothing would be done; null where something would. */
  readonly because: Reason | null;
  /** Entries of `manage` that match nothing, or what is protected. */
  readonly warnings: readonly Reason[];
}

/**
 * What the next cycle would do if the mode were `enforce`: the loop's own cycle, with the recorded history, on this host
 * as it is now, under the pauses and bars in force. Acts on nothing and writes nothing. With `measure` it takes a second reading after the time that rates
 * need; without, a container that the record does not know has no class.
 */
export async function makePlan(configured: Config, { measure = false } = {}): Promise<HostPlan> {
  const config: Config = { ...configured, mode: 'enforce', orders: ordersNow(configured) };
  await using sensor = new PreferredSensor(config);
  const engine = new DockerEngine(config.docker);
  const sources = { sensor, engine, backOff: new BackOff(), clock: realClock, seen: new SeenContainers() };
  let last: Decision | null = null;
  const ports: Ports = {
    clock: realClock,
    sense: (tick) => sense(sources, tick),
    watch: new Watch({ judge() {} }),
    act: async () => [],
    record: (decision) => {
      last = decision;
    },
    report: () => {},
  };
  const { history, record } = recordedHistory(config);
  const next = await cycle(ports, config, history);
  if (measure) {
    await realClock.sleep(config.classify.minSeconds * 1000 + 100, new AbortController().signal);
    await cycle(ports, config, next);
  }
  if (last === null) throw new Error('the cycle gave no decision');
  return { ...describe(last, config), mode: configured.mode, record };
}

/** The history that the loop would continue from. Without a record, or with one that cannot be read, it is empty. */
function recordedHistory(config: Config): { history: History; record: RecordUse } {
  if (!existsSync(config.database)) return { history: NO_HISTORY, record: { kind: 'none' } };
  try {
    const db = openForReading(config.database);
    try {
      return {
        history: reloadHistory(db, realClock.monotonicNs(), bootedAt(), config),
        record: { kind: 'used' },
      };
    } finally {
      db.close();
    }
  } catch (error) {
    return { history: NO_HISTORY, record: { kind: 'unusable', error } };
  }
}

function describe(decision: Decision, config: Config): Omit<HostPlan, 'mode' | 'record'> {
  const { snapshot, classifications, plan, history } = decision;
  const { containers, faults, host, sensor } = snapshot;
  const policies = new Map(containers.map((container) => [container.id, policyOf(container, config)]));
  const foreign = containers.filter(({ id }) => policies.get(id)?.kind === 'foreign');
  const adopting = { ...config, manage: [...config.manage, ...foreign.map(entryFor)] };
  const adopted = decide(history, snapshot, classify(history, snapshot, adopting), adopting);
  const about = (of: Plan, id: string): readonly Action[] =>
    actionsOf(of).filter((action) => action.kind !== 'start' && action.id === id);
  return {
    ...{ host, sensor, faults },
    containers: containers.map((container): PlannedContainer => {
      const { id } = container;
      const policy = policies.get(id) ?? policyOf(container, config);
      const classification = classifications.find((one) => one.id === id) ?? null;
      const ifManaged = policy.kind === 'foreign' ? about(adopted, id) : [];
      return { container, policy, classification, actions: about(plan, id), ifManaged };
    }),
    starts: actionsOf(plan).filter(({ kind }) => kind === 'start'),
    because: plan.kind === 'hold' ? plan.because : null,
    // A silent engine shows no containers at all.
    warnings: faults.some(({ sensor }) => sensor === 'engine') ? [] : manageWarnings(containers, config),
  };
}

const actionsOf = (plan: Plan): readonly Action[] => (plan.kind === 'act' ? plan.actions : []);

const entryFor = ({ name }: ContainerSample): ManageEntry => ({
  ...{ match: { name }, allow: null, priority: null, cpuPercent: null, expectedMib: null },
  ...{ graceSeconds: null, dependants: [], at: '' },
});
