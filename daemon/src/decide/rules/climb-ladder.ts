import { isContended, isHeldBack, limitsOn } from '../../classify/limits.ts';
import { usedMemoryKb } from '../../classify/rates-and-memory.ts';
import { softThreshold } from '../../classify/threshold.ts';
import type { Breach, Pattern } from '../../model/breach.ts';
import type { ContainerPolicy } from '../../model/container-policy.ts';
import { type Action, LIMIT_OF } from '../../model/decision.ts';
import type { ContainerMemory } from '../../model/history.ts';
import { repositoryOf } from '../../model/ownership.ts';
import type { Reason } from '../../model/reason.ts';
import type { ContainerSample, ContainerUsage } from '../../model/snapshot.ts';
import type { KiB, Nanoseconds, Percent } from '../../model/units.ts';
import { forbids } from '../../policy/contract.ts';
import { culpritOf, shortfallKb } from '../attribute-memory.ts';
import { currentOrExpectedClass, type DecisionContext } from '../decision-context.ts';
import { isDependantStarting } from '../dependants.ts';

type Rung = 'throttle' | 'squeeze' | 'limit-pids' | 'limit-io' | 'restart' | 'remove';

/** The remedies against each pattern, the mildest first. A disposable container is replaced rather than restarted. */
const RUNGS: Readonly<Record<'disposable' | 'service', Readonly<Record<Pattern, readonly Rung[]>>>> = {
  disposable: {
    spin: ['throttle'],
    // Where the kernel limits no I/O (cgroup v1), a CPU limit slows it in proportion.
    'io-storm': ['limit-io', 'throttle', 'remove'],
    leak: ['remove'],
    hoard: ['remove'],
    'fork-storm': ['remove'],
  },
  // Never removed: where the last rung did not help, people are told, and it is left alone.
  service: {
    spin: ['throttle'],
    'io-storm': ['limit-io'],
    leak: ['squeeze', 'restart'],
    hoard: ['squeeze', 'restart'],
    'fork-storm': ['limit-pids', 'restart'],
  },
};

/** No grace period: a leak was watched for its whole window, and a fork storm leaves no time. */
const WITHOUT_GRACE: ReadonlySet<Pattern> = new Set(['leak', 'fork-storm']);
/** A restart that did not help is not tried again for this many times the memory of the ladder: a day by default. */
const RESTARTED_AGAIN = 24;
/** The longest that a service may take to load what it needs: caches, dumps, heaps. */
const WARM_UP_SECONDS = 1800;
/** A squeeze leaves this much room for what the program reads from files: its own code, above all. */
const SQUEEZE_ROOM = 1.1;
/** A limit on processes leaves room for twice as many: it ends a storm, and not a server that has grown. */
const PROCESS_ROOM = 2;

interface Subject {
  readonly container: ContainerSample;
  readonly usage: ContainerUsage;
  readonly policy: ContainerPolicy;
  readonly known: ContainerMemory;
}

/**
 * A container beyond a soft threshold for longer than the grace period gets the mildest remedy that it allows and that
 * was not tried lately. At most one restart or removal a cycle, so that its effect is seen first; limits are lifted by
 * another rule.
 */
export function climbLadder(context: DecisionContext, planned: readonly Action[]): Action[] {
  const leaving = new Set(planned.flatMap((action) => (action.kind === 'start' ? [] : [action.id])));
  const steps = context.managed
    .filter(({ id }) => !leaving.has(id))
    .flatMap((container) => stepFor(container, context) ?? []);
  const isMild = ({ kind }: Action) => kind !== 'restart' && kind !== 'remove';
  const [first] = steps.filter((step) => !isMild(step));
  return steps.filter((step) => isMild(step) || step === first);
}

function stepFor(container: ContainerSample, context: DecisionContext): Action | null {
  const { id, usage } = container;
  const [known, policy] = [context.history.containers.get(id), context.policies.get(id)];
  if (usage === null || known === undefined || policy === undefined) return null;
  if (policy.kind !== 'disposable' && policy.kind !== 'service') return null;
  const subject = { container, usage, policy, known };
  for (const breach of context.classificationOf.get(id)?.breaches ?? []) {
    if (!isOverdue(breach, subject, context) || !isItsFault(breach.pattern, subject, context)) continue;
    for (const rung of RUNGS[policy.kind][breach.pattern]) {
      if (isTried(rung, subject, context) || !exists(rung, breach.pattern, context)) continue;
      const action = step(rung, breach, subject, context);
      // What an operator has undone is not followed by something harsher.
      if (policy.barred?.some(({ kind }) => kind === rung)) break;
      if (forbids(policy, action) !== null) continue;
      if (rung !== 'restart') return action;
      if (!isNeeded(breach, subject, context)) break;
      return isAwaited(container, context) ? null : action;
    }
  }
  return null;
}

/** Compares monotonic and boot clocks only, so that a changed wall clock does not matter. Age is that of this run. */
function isOverdue(
  { pattern, sinceNs }: Breach,
  { usage, policy }: Subject,
  { now, config }: DecisionContext,
): boolean {
  if (WITHOUT_GRACE.has(pattern)) return true;
  const graceSeconds = policy.graceSeconds ?? config.soft.graceSeconds;
  return (
    secondsSince(sinceNs, now.monotonicNs) >= graceSeconds &&
    secondsSince(usage.startNs, now.bootNs) >= config.soft.minAgeSeconds
  );
}

/**
 * A service is dealt with only for what it does to others: CPU while the host has none left, memory while little is
 * available and it is the culprit of that. A disposable container is also dealt with for what it does by itself.
 */
function isItsFault(pattern: Pattern, { container, policy }: Subject, context: DecisionContext): boolean {
  if (policy.kind === 'disposable') return true;
  if (pattern === 'spin') return isContended(context.idlePercent, context.now, context.config);
  if (pattern !== 'leak' && pattern !== 'hoard') return true;
  const { now, config } = context;
  if (now.host === null) return false;
  const scarceKb: KiB = (config.soft.availablePercent / 100) * now.host.totalKb;
  if (now.host.availableKb >= scarceKb) return false;
  if (container.usage !== null && isHeldBack('memory', container.usage)) return true;
  const culprit = culpritOf(context, shortfallKb(now, scarceKb));
  return culprit?.isProven === true && culprit.holder.container?.id === container.id;
}

/** Whether the remedy is on the container already, or was tried too lately to be tried again. */
function isTried(rung: Rung, { container, usage, known }: Subject, context: DecisionContext): boolean {
  const { history, now, config } = context;
  const sinceRestart = secondsSince(known.restartedNs ?? Number.NEGATIVE_INFINITY, now.monotonicNs);
  // Once, and once more a day later: where a restart did not help, people are told, and it is left alone.
  if (rung === 'restart') return sinceRestart < RESTARTED_AGAIN * config.ladder.rememberSeconds;
  if (rung === 'remove') return false;
  const limit = LIMIT_OF[rung];
  if (known.timesLimited[limit]?.count === 0) return true;
  const isOurs = limitsOn(container, history.containers, config)[limit] !== undefined;
  // A CPU limit that its owner set is left alone.
  return isOurs || (rung === 'throttle' && usage.cpuLimitPercent !== null);
}

/** Whether this kernel has the limit. */
function exists(rung: Rung, pattern: Pattern, { now }: DecisionContext): boolean {
  const isV2 = now.host?.cgroupVersion === 2;
  if (rung === 'throttle') return pattern !== 'io-storm' || !isV2;
  return isV2 || rung === 'restart' || rung === 'remove';
}

/**
 * A restart is for a service that its limit has held back for the grace period, or that cannot be limited and has
 * misbehaved for as long: a burst of connections is over by then. One that grows soon after its start may be loading
 * what it needs, and a restart would only begin that again.
 */
function isNeeded(
  { pattern, sinceNs }: Breach,
  { usage, policy, known }: Subject,
  { now, config }: DecisionContext,
): boolean {
  const isStorm = pattern === 'fork-storm';
  if (!isStorm && secondsSince(usage.startNs, now.bootNs) < WARM_UP_SECONDS) return false;
  const limit = isStorm ? 'pids' : 'memory';
  const isLimitable =
    now.host?.cgroupVersion === 2 &&
    policy.allow.includes(isStorm ? 'throttle' : 'squeeze') &&
    known.timesLimited[limit]?.count !== 0;
  if (isLimitable && !isHeldBack(limit, usage)) return false;
  const beganNs = isLimitable ? (known.limits[limit]?.sinceNs ?? now.monotonicNs) : sinceNs;
  return secondsSince(beganNs, now.monotonicNs) >= (policy.graceSeconds ?? config.soft.graceSeconds);
}

/** Restarts wait: for the back-off of their image, and for what depends on the container to be ready. */
function isAwaited(container: ContainerSample, context: DecisionContext): boolean {
  return isBackingOff(container, context) || isDependantStarting(container, context);
}

/** Containers of one image tend to fail together; restarting them all at once would not help. */
function isBackingOff({ image }: ContainerSample, { history, now, config }: DecisionContext): boolean {
  const { backOffSeconds, backOffMostSeconds } = config.ladder;
  const restarts = history.restarts.get(repositoryOf(image));
  if (restarts === undefined) return false;
  const pause = Math.min(backOffMostSeconds, backOffSeconds * 2 ** (restarts.count - 1));
  return secondsSince(restarts.lastNs, now.monotonicNs) < pause;
}

function step(
  rung: Rung,
  breach: Breach,
  { container, usage, policy, known }: Subject,
  context: DecisionContext,
): Action {
  const { id, name, image } = container;
  const { config, history } = context;
  const seconds = Math.round(secondsSince(breach.sinceNs, context.now.monotonicNs));
  const evidence = { breach: breach.because, seconds };
  const target = { id, name, pid: usage.pid, level: currentOrExpectedClass(context, id) };
  const isThrottled = limitsOn(container, history.containers, config).cpu !== undefined;
  switch (rung) {
    case 'throttle': {
      const usual = history.baselines.get(repositoryOf(image))?.usual ?? null;
      const threshold: Percent = softThreshold('cpuPercent', usual, policy.cpuPercent, config).percent;
      // A service may always use what is no fault.
      const to = policy.kind === 'disposable' ? config.soft.throttlePercent : Math.ceil(threshold);
      return { kind: rung, ...target, to, because: { code: 'throttle-for', ...evidence, percent: to } };
    }
    case 'squeeze': {
      const to = Math.ceil(SQUEEZE_ROOM * usedMemoryKb(usage));
      return {
        ...{ kind: rung, ...target, to },
        because: { code: 'squeeze-for', ...evidence, toMib: Math.round(to / 1024) },
      };
    }
    case 'limit-pids': {
      const to = PROCESS_ROOM * usage.processCount;
      return { kind: rung, ...target, to, because: { code: 'limit-pids-for', ...evidence, processes: to } };
    }
    case 'limit-io': {
      const to = config.patterns.ioStorm.mibPerSecond;
      return { kind: rung, ...target, to, because: { code: 'limit-io-for', ...evidence, mibPerSecond: to } };
    }
    case 'restart':
      return {
        ...{ kind: rung, ...target, urgency: 'grace', isThrottled },
        because: { code: 'restart-for', ...evidence },
      };
    case 'remove': {
      const isStorm = breach.pattern === 'fork-storm';
      const wasLimited = known.limits.cpu !== undefined || known.limits.io !== undefined;
      const because: Reason = isStorm
        ? { code: 'kill-for-storm', breach: breach.because }
        : wasLimited
          ? { code: 'replace-for', ...evidence }
          : { code: 'replace-now-for', ...evidence };
      return {
        ...{ kind: rung, ...target, urgency: isStorm ? 'now' : 'grace' },
        ...{ isThrottled, isReplaced: true, because },
      };
    }
  }
}

const secondsSince = (thenNs: Nanoseconds, nowNs: Nanoseconds): number => (nowNs - thenNs) / 1e9;
