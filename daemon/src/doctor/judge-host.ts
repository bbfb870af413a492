import { isWorkloadOn } from '../model/config.ts';
import type { Diagnosis, Finding } from '../model/finding.ts';
import type { FactName, HostFacts, Listener } from '../model/host-facts.ts';
import { judgeDisks } from './judge-disks.ts';
import { judgeBpf, judgeBuild, judgeKernel, judgeModules, judgeSignatures } from './judge-kernel.ts';
import { judgeRecord, judgeRecordAccess } from './judge-record.ts';
import { type Judge, type JudgeContext, type Judged, note, ok, problem } from './judged.ts';

/** Of facts that come from the engine: while it is silent, one finding says so. */
const FROM_ENGINE: readonly FactName[] = ['managed', 'placing', 'grafana'];

/** Every check of `vigia doctor` in its order, from facts alone. */
export function judgeHost(context: JudgeContext): Finding[] {
  const { facts, without = [] } = context;
  return CHECKS.flatMap(([check, fact, judge]) => {
    if (without.includes(fact)) return [];
    // A fact that failed is told once, by the check of its name.
    if (!facts[fact].known && check !== fact) return [];
    if (FROM_ENGINE.includes(fact) && !facts.engine.known) return [];
    return judgeFact(context, fact, judge).map((judged): Finding => ({ check, ...judged }));
  });
}

function judgeFact(context: JudgeContext, name: FactName, judge: Judge<never>): readonly Judged[] {
  const fact = context.facts[name];
  if (fact.known) return judge(fact.value as never, context);
  if (name === 'engine' && fact.because !== null)
    return [problem({ code: 'engine-silent', because: fact.because, install: context.install.docker })];
  if (fact.because === null) return [note({ code: 'probe-too-slow' })];
  return [note({ code: 'probe-failed', because: fact.because })];
}

function judgeConfiguration({ file, error }: HostFacts['configuration']): Judged[] {
  if (error !== null) return [problem({ code: 'configuration-invalid', error })];
  return [ok(file === null ? { code: 'configuration-defaults' } : { code: 'configuration-valid', file })];
}

const judgeManaged: Judge<HostFacts['managed']> = (reasons, { config }) =>
  reasons.length === 0
    ? config.manage.length === 0
      ? []
      : [ok({ code: 'entries-match' })]
    : reasons.map((because) => note({ code: 'entry-without-effect', because }));

const NEEDED = ['cpu', 'io', 'memory', 'pids'];

function judgeCgroups({ isUnified, controllers }: HostFacts['cgroups']): Judged[] {
  const missing = NEEDED.filter(
    (name) => !controllers.includes(name === 'io' && !isUnified ? 'blkio' : name),
  );
  if (missing.includes('memory')) return [problem({ code: 'memory-controller-missing' })];
  const absent =
    missing.length === 0 ? [] : [note({ code: 'controllers-missing', names: missing.join(', ') })];
  if (!isUnified) return [note({ code: 'cgroups-old' }), ...absent];
  return absent.length > 0 ? absent : [ok({ code: 'cgroups-suit', version: 2 })];
}

const judgePressure = ({ hasPressure }: HostFacts['cgroups']): Judged[] => [
  hasPressure ? ok({ code: 'pressure-measured' }) : note({ code: 'pressure-missing' }),
];

function judgeSwap(swap: HostFacts['swap']): Judged[] {
  const sum = {
    devices: swap.map(({ device }) => device).join(', '),
    mib: swap.reduce((total, { mib }) => total + mib, 0),
  };
  if (swap.length === 0) return [note({ code: 'swap-absent' })];
  const isInMemory = swap.every(({ device }) => /^\/dev\/zram\d+$/.test(device));
  return [ok({ code: isInMemory ? 'swap-in-memory' : 'swap-present', ...sum })];
}

/** Docker 20.10 is the oldest that Vigía is tested with. */
const judgeEngine: Judge<HostFacts['engine']> = ({ version }, { install }) => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  // Podman's versions are its own, and begin at 4 where its socket suits.
  const isOld = major >= 17 && (major < 20 || (major === 20 && minor < 10));
  return [
    isOld
      ? note({ code: 'engine-old', version, install: install.docker })
      : ok({ code: 'engine-answers', version }),
  ];
};

function judgePlacing({ sensor, running, because }: HostFacts['placing']): Judged[] {
  if (because !== null) return [problem({ code: 'containers-not-placed', because })];
  return [ok({ code: 'containers-placed', sensor, running })];
}

function judgeCron(cron: HostFacts['cron'], { config, install }: JudgeContext): Judged[] {
  const { job, hasDaemon, isLoopRunning } = cron;
  const isWanted = isWorkloadOn(config);
  if (job !== 'absent' && !isLoopRunning) return [problem({ code: 'cron-left-over' })];
  if (!hasDaemon && (isWanted || job !== 'absent'))
    return [problem({ code: 'cron-without-daemon', install: install.cron })];
  if (job === 'altered') return [problem({ code: 'cron-altered' })];
  if (isWanted && isLoopRunning && job === 'absent') return [problem({ code: 'cron-missing' })];
  return [ok({ code: isWanted ? 'cron-ready' : 'cron-not-wanted' })];
}

const judgeCompose: Judge<HostFacts['compose']> = (command, { config, install }) => {
  if (command !== null) return [ok({ code: 'compose-present', command })];
  const missing: Diagnosis = { code: 'compose-missing', install: install.compose };
  return config.grafana.start ? [problem(missing)] : [];
};

const taken = (port: number, { name, pid }: Listener): Judged =>
  problem({ code: 'port-taken', port, by: name, pid });

const judgePagePort: Judge<HostFacts['pagePort']> = (listener, { config: { page } }) => {
  if (listener === null) return [ok({ code: 'port-free', port: page.port })];
  return [listener.isVigia ? ok({ code: 'port-ours', port: page.port }) : taken(page.port, listener)];
};

export const GRAFANA_PORT = 3000;

function judgeGrafana({ state, listener }: HostFacts['grafana'], { config, facts }: JudgeContext): Judged[] {
  if (state === 'running') return [ok({ code: 'grafana-runs' })];
  if (!config.grafana.start) return [ok({ code: 'grafana-not-wanted' })];
  if (listener !== null) return [taken(GRAFANA_PORT, listener)];
  if (state !== null) return [note({ code: 'grafana-stopped', status: state })];
  // It is missed only where the loop, which starts it, runs.
  const isExpected = facts.cron.known && facts.cron.value.isLoopRunning;
  return [isExpected ? note({ code: 'grafana-absent' }) : ok({ code: 'port-free', port: GRAFANA_PORT })];
}

const judgeClock: Judge<HostFacts['clock']> = (isSynchronised, { install: { chrony: install } }) => {
  if (isSynchronised === null) return [note({ code: 'clock-unknown', install })];
  return [
    isSynchronised ? ok({ code: 'clock-synchronised' }) : note({ code: 'clock-not-synchronised', install }),
  ];
};

/** Where the package has its units; one elsewhere is its owner's own. */
const PACKAGED = /^(?:\/usr)?\/lib\//;

function judgeUnit(unit: HostFacts['unit']): Judged[] {
  if (unit === null) return [ok({ code: 'no-systemd' })];
  if (!unit.isInstalled) return [ok({ code: 'unit-absent' })];
  const { file, state } = unit;
  const failed = unit.state === 'failed' ? [problem({ code: 'unit-failed' })] : [];
  if (failed.length === 0 && !PACKAGED.test(file)) return [ok({ code: 'unit-other', file, status: state })];
  if (PACKAGED.test(file) && unit.loosened.length > 0)
    return [...failed, problem({ code: 'unit-loosened', settings: unit.loosened.join(', ') })];
  return failed.length > 0 ? failed : [ok({ code: 'unit-sandboxed', status: state })];
}

/** The checks in the order of the report, each with the fact that it judges. */
type Row = { [N in FactName]: readonly [Finding['check'], N, Judge<HostFacts[N]>] }[FactName];

const CHECKS = [
  ['configuration', 'configuration', judgeConfiguration],
  ['managed', 'managed', judgeManaged],
  ['kernel', 'kernel', judgeKernel],
  ['signatures', 'modules', judgeSignatures],
  ['build', 'modules', judgeBuild],
  ['modules', 'modules', judgeModules],
  ['bpf', 'bpf', judgeBpf],
  ['cgroups', 'cgroups', judgeCgroups],
  ['pressure', 'cgroups', judgePressure],
  ['swap', 'swap', judgeSwap],
  ['engine', 'engine', judgeEngine],
  ['placing', 'placing', judgePlacing],
  ['cron', 'cron', judgeCron],
  ['compose', 'compose', judgeCompose],
  ['pagePort', 'pagePort', judgePagePort],
  ['grafana', 'grafana', judgeGrafana],
  ['disks', 'disks', judgeDisks],
  ['clock', 'clock', judgeClock],
  ['record', 'record', judgeRecord],
  ['recordAccess', 'recordAccess', judgeRecordAccess],
  ['unit', 'unit', judgeUnit],
] as const satisfies readonly Row[] as readonly (readonly [Finding['check'], FactName, Judge<never>])[];
