import type { Config } from '../model/config.ts';
import type { Action, Plan, Verdict } from '../model/decision.ts';
import type { History } from '../model/history.ts';
import { protectedBy } from '../model/ownership.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { rank } from './rank.ts';
import { fillShortage } from './rules/fill-shortage.ts';
import { removeEnded } from './rules/remove-ended.ts';
import { trimSurplus } from './rules/trim-surplus.ts';
import { type Scene, survey } from './scene.ts';

/** In this order: what is dead is cleared, what is too much is trimmed, what is missing is started. */
const RULES: readonly ((scene: Scene) => readonly Action[])[] = [removeEnded, trimSurplus, fillShortage];

/** One cycle's plan. Pure: the same history, snapshot and verdicts always give the same plan. */
export function decide(history: History, now: Snapshot, verdicts: readonly Verdict[], config: Config): Plan {
  const scene = survey(history, now, verdicts, config);
  const candidates = rank(scene);
  const because = reasonToHold(now, config);
  if (because !== null) return { kind: 'hold', because, candidates };
  const actions = RULES.flatMap((rule) => rule(scene)).filter((action) => !isVetoed(action, scene));
  if (actions.length === 0) return { kind: 'hold', because: 'nothing to do: the quotas stand', candidates };
  return { kind: 'act', actions, candidates };
}

/** Acting on a snapshot with a hole in it could hit the wrong container. */
function reasonToHold(now: Snapshot, config: Config): string | null {
  const blind = now.faults.filter((fault) => fault.blind);
  if (blind.length > 0) return blind.map((fault) => `${fault.sensor}: ${fault.message}`).join('; ');
  if (config.mode === 'observe') return 'mode observe: nothing is planned';
  return null;
}

/** The last word, whatever the rules said: only ours, and never what is protected. */
export function isVetoed(action: Action, { managed, config }: Scene): boolean {
  if (action.kind === 'start') return false;
  const target = managed.find((container) => container.id === action.id);
  return target === undefined || protectedBy(target, config.protect) !== null;
}
