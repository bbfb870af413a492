import type { FindingRow, HealthAnswer } from '../../../daemon/src/show/api.ts';
import { digits, duration, percent, time } from '../format-values.ts';
import type { Severity } from '../host-health.ts';
import { words } from '../words/index.ts';
import { reason } from '../words/render-reason.ts';

/** An icon for the severity: a shape as well as a colour. */
export function Sign({ severity }: { readonly severity: Severity }) {
  const shape = {
    good: 'M5 12.5l4.5 4.5L19 7.5',
    warn: 'M12 6v7.5M12 17v.5',
    bad: 'M7 7l10 10M17 7L7 17',
  }[severity];
  return (
    <svg class="sign" viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="11" />
      <path d={shape} />
    </svg>
  );
}

const IN_SECONDS = new Set<FindingRow['code']>(['stopped', 'clock-back']);
const IN_COUNT = new Set<FindingRow['code']>(['below-quota', 'above-quota']);
/** Findings during which no cycle acts. The page then does not announce what the next cycle will do. */
const CYCLES_IDLE = new Set<FindingRow['code']>(['stopped', 'clock-back', 'blind']);
/** Findings whose advice announces what the next cycle will do. */
const ANNOUNCE_ACTION = new Set<FindingRow['code']>([...IN_COUNT, 'memory-short', 'memory-stalls']);

/** Whether the next cycle will act. */
export const willAct = ({ findings, mode }: Pick<HealthAnswer, 'findings' | 'mode'>): boolean =>
  mode === 'enforce' && !findings.some(({ code }) => CYCLES_IDLE.has(code));

/** What is wrong, and what to do about it. */
export function describeFinding(found: FindingRow): [what: string, todo: string] {
  const format = (value: number | null): string => {
    if (IN_SECONDS.has(found.code)) return duration(value);
    return IN_COUNT.has(found.code) ? digits(value ?? 0, 0) : percent(value, 1);
  };
  return words().finding[found.code](
    { subject: [found.subject, found.reason && reason(found.reason)].filter(Boolean).join(': ') },
    found.at === null ? format(found.figure) : time(found.at),
    format(found.limit),
  );
}

/** The advice of a finding, unless it announces an action and none will be taken. */
export const adviceOf = (found: FindingRow, acts: boolean): string =>
  acts || !ANNOUNCE_ACTION.has(found.code) ? describeFinding(found)[1] : '';
