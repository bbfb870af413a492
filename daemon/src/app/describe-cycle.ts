import type { Logger } from '../host/host.ts';
import type { Decision } from '../model/decision.ts';
import type { JournalEntry } from '../model/journal-entry.ts';
import { coded, entriesOf } from './journal-entries.ts';

/** Where entries go with their fields; false where there is no journal, and the caller prints a line instead. */
export interface Journal {
  send(entry: JournalEntry): boolean;
}

/** Logs a cycle in English with codes: one line for the cycle, then one per fault and action. */
export function describeCycle(decision: Decision, logger: Logger, journal: Journal): void {
  const { snapshot, plan, outcomes, before, after, cost } = decision;
  const total = cost.senseMs + cost.decideMs + cost.actMs;
  const done = (kind: string) =>
    outcomes.filter(({ action, result }) => action.kind === kind && result === 'done').length;
  logger.info(
    `cycle ${snapshot.tick} · ${snapshot.sensor} · low ${before.low}→${after.low} high ${before.high}→${after.high} ` +
      `unclassified ${before.unknown} · removed ${done('remove')} started ${done('start')} · ${total.toFixed(0)} ms` +
      (plan.kind === 'hold' ? ` · hold: ${coded(plan.because)}` : ''),
  );
  for (const entry of entriesOf(decision)) tell(entry, logger, journal);
}

/** To the journal with its fields, or as a plain line. */
export function tell(entry: JournalEntry, logger: Logger, journal: Journal): void {
  if (journal.send(entry)) return;
  if (entry.kind === 'action') logger.info(`  ${entry.message}`);
  else logger.warn(entry.message);
}
