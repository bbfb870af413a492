import type { Decision, Outcome } from '../model/decision.ts';
import type { EngineEvent } from '../model/engine-event.ts';
import type { JournalEntry } from '../model/journal-entry.ts';
import type { Reason } from '../model/reason.ts';
import type { SensorFault } from '../model/snapshot.ts';
import { render } from '../words/language.ts';

/** What a cycle has to say beside its own line: its faults and notices, then what it did. */
export const entriesOf = ({ snapshot, outcomes }: Decision): JournalEntry[] => [
  ...snapshot.faults.map((fault) => ofFault(fault, snapshot.tick)),
  ...outcomes.map((outcome) => ofOutcome(outcome, snapshot.tick)),
];

/** An unexpected end. */
export const entryOfDeath = ({ id, name }: EngineEvent, because: Reason): JournalEntry => ({
  ...{ kind: 'death', priority: 4, message: `${name}: ${coded(because)}`, code: because.code, tick: null },
  container: { id, name },
});

/** `[surplus] 6 high-consumption containers, quota 2; …` */
export const coded = (reason: Reason): string => `[${reason.code}] ${render(reason, 'en')}`;

const ofFault = ({ sensor, reason }: SensorFault, tick: number): JournalEntry => ({
  kind: sensor === 'policy' ? 'notice' : 'fault',
  priority: 4,
  message: `${sensor}: ${coded(reason)}`,
  code: reason.code,
  tick,
  container: null,
});

function ofOutcome({ action, result, detail, id, tookMs }: Outcome, tick: number): JournalEntry {
  const target = `${action.kind} ${action.kind === 'start' ? action.image : action.name}`;
  return {
    kind: 'action',
    priority: result === 'failed' ? 4 : result === 'done' ? 5 : 6,
    message: `${target}: ${coded(action.because)} → ${result}, ${coded(detail)} (${tookMs.toFixed(0)} ms)`,
    code: action.because.code,
    tick,
    container: { id, name: action.kind === 'start' ? action.image : action.name },
  };
}
