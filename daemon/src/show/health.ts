import { type Config, type Quota, surplusOf } from '../model/config.ts';
import type { Reason } from '../model/reason.ts';
import type { Language } from '../words/language.ts';
import { terminalWords } from '../words/terminal.ts';
import type { FindingRow } from './api.ts';

/** The parts of the newest cycle that health is derived from; times are epoch seconds. */
export interface Vitals {
  readonly cycle: {
    readonly at: number;
    readonly plan: string;
    readonly because: Reason | null;
    readonly low_after: number;
    readonly high_after: number;
  } | null;
  readonly host: {
    readonly total_kb: number;
    readonly available_kb: number;
    readonly memory_full_avg10: number | null;
  } | null;
  readonly faults: readonly { readonly sensor: string; readonly message: Reason; readonly blind: number }[];
  /** What people should know, of the last hour. */
  readonly notices: readonly { readonly at: number; readonly message: Reason }[];
}

/** Cycles that may be missed before the daemon counts as stopped. */
const MISSED_CYCLES = 3;
/** Memory is tight below this multiple of the threshold of an emergency. */
const TIGHT = 3;

/**
 * Whether cycles are missing. A cycle in the future, as after the clock was set back, says nothing about now either.
 */
export function isStale(ageSeconds: number, config: Pick<Config, 'cycleSeconds'>): boolean {
  return Math.abs(ageSeconds) > MISSED_CYCLES * config.cycleSeconds;
}

/** How long ago the newest cycle was, for the terminal; one in the future says that the clock was set back. */
export function ageInWords(
  ageSeconds: number,
  config: Pick<Config, 'cycleSeconds'>,
  language: Language,
): string {
  const say = terminalWords(language).common;
  return ageSeconds < 0 && isStale(ageSeconds, config)
    ? say.ahead(inWords(-ageSeconds))
    : say.ago(inWords(Math.max(0, ageSeconds)));
}

/** In the largest unit of which there are at least two. */
function inWords(seconds: number): string {
  const units = { d: 86_400, h: 3600, min: 60, s: 1 };
  const [unit, size] = Object.entries(units).find(([, length]) => seconds >= 2 * length) ?? ['s', 1];
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** Whether the quota of a class asks for anything: a floor that is filled, or a surplus that is removed. */
export const isInForce = ({ keep, trim }: Pick<Quota, 'keep' | 'trim'>): boolean => keep > 0 || trim;

/** The classes whose quota is in force. */
export const classesInForce = ({ quotas }: Pick<Config, 'quotas'>): ('low' | 'high')[] =>
  (['low', 'high'] as const).filter((level) => isInForce(quotas[level]));

/**
 * What is wrong, the most serious first; empty when all is well, and before the first cycle. In mode `observe` a quota
 * that is not met is nothing wrong, since Vigía was told to look on.
 */
export function findings(
  { cycle, host, faults, notices }: Vitals,
  config: Config,
  nowSeconds: number,
): FindingRow[] {
  if (cycle === null) return [];
  const found: FindingRow[] = [];
  const add = (
    severity: FindingRow['severity'],
    code: FindingRow['code'],
    subject: string | null = null,
    figure: number | null = null,
    limit: number | null = null,
  ): number => found.push({ severity, code, subject, reason: null, at: null, figure, limit });

  const age = nowSeconds - cycle.at;
  if (isStale(age, config)) {
    if (age < 0) add('bad', 'clock-back', null, -age);
    else add('bad', 'stopped', null, age, MISSED_CYCLES * config.cycleSeconds);
  }
  if (cycle.because?.code === 'set-aside') add('warn', 'set-aside', listed(cycle.because.names));
  for (const { sensor, message, blind } of faults) {
    const [severity, code] = blind === 1 ? (['bad', 'blind'] as const) : (['warn', 'fault'] as const);
    found.push({ severity, code, subject: sensor, reason: message, at: null, figure: null, limit: null });
  }
  for (const { at, message } of notices) {
    found.push({
      ...({ severity: 'warn', code: 'notice', subject: null } as const),
      ...{ reason: message, at, figure: null, limit: null },
    });
  }
  for (const level of config.mode === 'observe' ? [] : classesInForce(config)) {
    const running = level === 'low' ? cycle.low_after : cycle.high_after;
    const { keep } = config.quotas[level];
    if (running < keep) add('bad', 'below-quota', level, running, keep);
    if (surplusOf(config.quotas[level], running) > 0) add('warn', 'above-quota', level, running, keep);
  }
  if (host !== null) {
    const available = (100 * host.available_kb) / host.total_kb;
    const { availablePercent, availableMib, fullAvg10, fullBelowPercent } = config.pressure;
    const limit = Math.min(availablePercent, (100 * availableMib * 1024) / host.total_kb);
    if (available < limit) add('bad', 'memory-short', null, available, limit);
    else if (available < TIGHT * limit) add('warn', 'memory-tight', null, available, TIGHT * limit);
    if ((host.memory_full_avg10 ?? 0) > fullAvg10 && available < fullBelowPercent)
      add('bad', 'memory-stalls', null, host.memory_full_avg10, fullAvg10);
  }
  if (config.mode === 'dry-run') add('warn', 'not-enforcing', config.mode);
  return found.sort((a, b) => Number(a.severity === 'warn') - Number(b.severity === 'warn'));
}

/** The first few names of a list. */
const listed = (names: readonly string[], most = 5): string =>
  names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')}, … (${names.length})`;
