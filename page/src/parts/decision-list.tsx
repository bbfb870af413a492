import type { EventRow } from '../../../daemon/src/show/api.ts';
import { milliseconds, time } from '../format-values.ts';
import { containerPath, Link } from '../router.tsx';
import { words } from '../words/index.ts';
import { reason } from '../words/render-reason.ts';
import { ActionBadge, LevelBadge } from './badges.tsx';
import { Empty } from './states.tsx';

/** Decisions with their reasons, grouped by cycle. */
export function DecisionList({ events }: { readonly events: readonly EventRow[] }) {
  const { recent, health } = words();
  if (events.length === 0) return <Empty>{recent.none}</Empty>;
  return (
    <ol class="cycles">
      {[...Map.groupBy(events, ({ tick }) => tick)].map(([tick, together]) => (
        <li key={tick}>
          <h3>
            {time(together[0]?.at)} <span class="quiet">{health.cycle(tick)}</span>
          </h3>
          <ul class="decisions">
            {together.map((event) => (
              <li key={event.id}>
                <p>
                  <ActionBadge event={event} /> <ContainerLink event={event} />{' '}
                  {event.level !== null && <LevelBadge level={event.level} />}{' '}
                  <span class="quiet">{recent.took(milliseconds(event.took_ms))}</span>
                </p>
                <p class="because">{reason(event.because)}</p>
                {event.result !== 'done' && <p class="quiet">{reason(event.detail)}</p>}
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

export function ContainerLink({ event }: { readonly event: Pick<EventRow, 'name' | 'container_id'> }) {
  if (event.container_id === null) return <span class="name">{event.name}</span>;
  return (
    <Link href={containerPath(event.container_id)} class="name" title={event.container_id}>
      {event.name}
    </Link>
  );
}
