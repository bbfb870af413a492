import type { ContainerRow, EventRow } from '../../../daemon/src/show/api.ts';
import { words } from '../words/index.ts';

export function LevelBadge({ level }: { readonly level: string | null }) {
  const { levels, decisions } = words();
  return (
    <span class={`badge ${level ?? 'none'}`}>
      {level === null ? decisions.noLevel : (levels[level] ?? level)}
    </span>
  );
}

export function ClassBadge({
  container,
}: {
  readonly container: Pick<ContainerRow, 'protected' | 'managed' | 'level'>;
}) {
  const { ownership } = words();
  if (container.protected === 1) return <span class="badge protected">{ownership.protected}</span>;
  if (container.managed === 0) return <span class="badge none">{ownership.foreign}</span>;
  return <LevelBadge level={container.level} />;
}

/** The action that was done, or the intended one and its result when it was not done. */
export function ActionBadge({ event }: { readonly event: Pick<EventRow, 'kind' | 'result'> }) {
  const { actions, intents, results } = words();
  const isDone = event.result === 'done';
  const name = (isDone ? actions : intents)[event.kind] ?? event.kind;
  return (
    <span class={`action ${isDone ? event.kind : event.result}`}>
      {isDone ? name : `${name}: ${results[event.result] ?? event.result}`}
    </span>
  );
}
