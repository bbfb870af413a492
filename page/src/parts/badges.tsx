import type { ContainerRow, EventRow } from '../../../daemon/src/show/api.ts';
import { actionDone, actionWord, kindWord, resultWord } from '../words/catalogue-words.ts';
import { words } from '../words/index.ts';

export function LevelBadge({ level }: { readonly level: string | null }) {
  const { levels, decisions } = words();
  return (
    <span class={`badge ${level ?? 'none'}`}>
      {level === null ? decisions.noLevel : (levels[level] ?? level)}
    </span>
  );
}

/** The class of a disposable container; the kind of any other, whose class decides nothing. */
export function ClassBadge({ container }: { readonly container: Pick<ContainerRow, 'kind' | 'level'> }) {
  return countsForQuotas(container) ? (
    <LevelBadge level={container.level} />
  ) : (
    <KindBadge kind={container.kind} />
  );
}

export const KindBadge = ({ kind }: Pick<ContainerRow, 'kind'>) => (
  <span class={`badge ${kind}`}>{kindWord(kind)}</span>
);

/** Whether the container counts for the quotas: in the records of earlier versions every managed one did. */
export const countsForQuotas = ({ kind }: Pick<ContainerRow, 'kind'>): boolean =>
  kind === 'disposable' || kind === 'managed';

/** The action that was done, or the intended one and its result when it was not done. */
export function ActionBadge({ event }: { readonly event: Pick<EventRow, 'kind' | 'result'> }) {
  const isDone = event.result === 'done';
  const name = isDone ? actionDone(event.kind) : actionWord(event.kind);
  return (
    <span class={`action ${isDone ? event.kind : event.result}`}>
      {isDone ? name : `${name}: ${resultWord(event.result)}`}
    </span>
  );
}
