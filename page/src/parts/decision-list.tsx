import type { EventRow } from '../../../daemon/src/show/api.ts';
import { ago, milliseconds, time } from '../format-values.ts';
import { now } from '../page-clock.ts';
import { containerPath, Link } from '../router.tsx';
import { actionDone, actionWord, resultWord } from '../words/catalogue-words.ts';
import { words } from '../words/index.ts';
import { reason } from '../words/render-reason.ts';
import { ActionBadge, LevelBadge } from './badges.tsx';
import { Empty } from './states.tsx';

/** Of a cycle that did more, the rest is folded away; of earlier cycles more of it. */
const [NEWEST, EARLIER] = [3, 1];
/** Older than this, the time of day says more than the age. */
const RECENT_SECONDS = 86_400;

/** Decisions with their reasons, grouped by cycle, each cycle with its age and what it did in all. */
export function DecisionList({ events }: { readonly events: readonly EventRow[] }) {
  const { recent } = words();
  if (events.length === 0) return <Empty>{recent.none}</Empty>;
  return (
    <ol class="cycles">
      {[...Map.groupBy(events, ({ tick }) => tick)].map(([tick, together], i) => (
        <Cycle key={tick} tick={tick} events={together} shown={i === 0 ? NEWEST : EARLIER} />
      ))}
    </ol>
  );
}

interface CycleProps {
  readonly tick: number;
  readonly events: readonly EventRow[];
  readonly shown: number;
}

function Cycle({ tick, events, shown }: CycleProps) {
  const rest = events.slice(shown);
  return (
    <li>
      <CycleHeading tick={tick} events={events} />
      <Decisions events={events.slice(0, shown)} />
      {rest.length > 0 && (
        <details class="rest">
          <summary>{words().recent.more(rest.length)}</summary>
          <Decisions events={rest} />
        </details>
      )}
    </li>
  );
}

function CycleHeading({ tick, events }: { readonly tick: number; readonly events: readonly EventRow[] }) {
  const at = events[0]?.at ?? 0;
  const age = now.value - at;
  return (
    <h3>
      <time dateTime={new Date(at * 1000).toISOString()} title={time(at)}>
        {age < RECENT_SECONDS ? ago(age) : time(at)}
      </time>{' '}
      <span class="sums">{sumsOf(events)}</span>{' '}
      <Link href={cyclePath(tick)} class="quiet">
        {words().health.cycle(tick)}
      </Link>
    </h3>
  );
}

const cyclePath = (tick: number): string => `/decisions?tick=${tick}`;

/** `Removed 11 · Started 2`: how often each action was done, or not done. */
function sumsOf(events: readonly EventRow[]): string {
  const groups = Map.groupBy(events, ({ kind, result }) =>
    result === 'done' ? actionDone(kind) : `${actionWord(kind)}: ${resultWord(result)}`,
  );
  return [...groups].map(([name, { length }]) => `${name} ${length}`).join(' · ');
}

function Decisions({ events }: { readonly events: readonly EventRow[] }) {
  const { recent } = words();
  return (
    <ul class="decisions">
      {events.map((event) => (
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
