import type { Logger } from '../host/host.ts';
import type { Decision } from '../model/decision.ts';
import type { Reason } from '../model/reason.ts';
import { render } from '../words/language.ts';

/** Logs a cycle in English with codes: one line for the cycle, then one per fault and action. */
export function describeCycle(
  { snapshot, plan, outcomes, before, after, cost }: Decision,
  logger: Logger,
): void {
  const total = cost.senseMs + cost.decideMs + cost.actMs;
  const done = (kind: string) =>
    outcomes.filter(({ action, result }) => action.kind === kind && result === 'done').length;
  logger.info(
    `cycle ${snapshot.tick} · ${snapshot.sensor} · low ${before.low}→${after.low} high ${before.high}→${after.high} ` +
      `unclassified ${before.unknown} · removed ${done('remove')} started ${done('start')} · ${total.toFixed(0)} ms` +
      (plan.kind === 'hold' ? ` · hold: ${coded(plan.because)}` : ''),
  );
  for (const { sensor, reason } of snapshot.faults) logger.warn(`${sensor}: ${coded(reason)}`);
  for (const { action, result, detail, tookMs } of outcomes) {
    const target = `${action.kind} ${action.kind === 'start' ? action.image : action.name}`;
    logger.info(
      `  ${target}: ${coded(action.because)} → ${result}, ${coded(detail)} (${tookMs.toFixed(0)} ms)`,
    );
  }
}

/** `[surplus] 6 high-consumption containers, quota 2; …` */
const coded = (reason: Reason): string => `[${reason.code}] ${render(reason, 'en')}`;
