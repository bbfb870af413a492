import { useEffect, useState } from 'preact/hooks';
import type { EventRow, Takes } from '../../../daemon/src/show/api.ts';
import { RequestError, request, useAnswer } from '../api-client.ts';
import { ago, milliseconds, time } from '../format-values.ts';
import { now, serverNowMs } from '../page-clock.ts';
import { ActionBadge, LevelBadge } from '../parts/badges.tsx';
import { Choice, Search } from '../parts/choice.tsx';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { ContainerLink } from '../parts/decision-list.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/states.tsx';
import { chosenPreset, fixedRange, type OwnRange, presetMs, RangePicker, useRange } from '../range.tsx';
import { Link, query, setQuery } from '../router.tsx';
import { actionDone } from '../words/catalogue-words.ts';
import { pack, words } from '../words/index.ts';
import { reason } from '../words/render-reason.ts';

type Filter = Takes<'/api/events'>;

const PAGE_SIZE = 100;
const FILTERS = ['kind', 'level', 'result', 'text', 'tick', 'last', 'from', 'to'] as const;
/** Without a range in the address, all decisions that are kept. */
const ANY_TIME: OwnRange = { from: 0, to: null };
/** Requests are in whole minutes, so that drawing the view again does not change them. */
const MINUTE_MS = 60_000;

/** All decisions, with their reasons and results, and filters for them. */
export function DecisionsView() {
  const { decisions: text } = words();
  const range = useRange(ANY_TIME);
  const tick = query.value.get('tick');
  const kinds = Object.keys(pack().catalogue.actions);
  const filter = filterOf(query.value);
  const { data, error } = useAnswer('/api/events', filter);
  const [older, setOlder] = useState<readonly EventRow[]>([]);
  const [olderError, setOlderError] = useState<RequestError | null>(null);
  const [isEnd, setEnd] = useState(false);
  const filterKey = JSON.stringify({ ...filter, from: undefined });
  useEffect(() => {
    setOlder([]);
    setEnd(false);
  }, [filterKey]);

  if (data === null) return error === null ? <Loading /> : <ErrorNotice error={error} />;
  const events = [...data, ...older.filter(({ id }) => id < (data.at(-1)?.id ?? Number.POSITIVE_INFINITY))];
  const hasMore = !isEnd && data.length === PAGE_SIZE;

  async function more(): Promise<void> {
    try {
      const next = await request('/api/events', { ...filter, before: String(events.at(-1)?.id ?? 0) });
      setOlder((before) => [...before, ...next]);
      setEnd(next.length < PAGE_SIZE);
      setOlderError(null);
    } catch (reason) {
      setOlderError(reason instanceof RequestError ? reason : new RequestError(0, String(reason)));
    }
  }

  return (
    <>
      {error !== null && <ErrorNotice error={error} />}
      <div class="view-head">
        <h1>{text.title}</h1>
        {tick !== null && (
          <button type="button" class="chosen" onClick={() => setQuery({ tick: null })}>
            {text.ofCycle(tick)} <span aria-hidden="true">✕</span>
          </button>
        )}
        <RangePicker range={range} own={text.anyTime} />
      </div>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <Choice
          name="kind"
          label={text.kind}
          any={text.any}
          choices={Object.fromEntries(kinds.map((kind) => [kind, actionDone(kind)]))}
        />
        <Choice
          name="level"
          label={text.level}
          any={text.any}
          choices={{ low: words().lanes.low, high: words().lanes.high, none: text.noLevel }}
        />
        <Choice name="result" label={text.result} any={text.any} choices={pack().catalogue.results} />
        <Search label={text.text} hint={text.textHint} />
      </form>
      {events.length === 0 ? (
        <Empty>
          {text.none}{' '}
          <button
            type="button"
            onClick={() => setQuery(Object.fromEntries(FILTERS.map((name) => [name, null])))}
          >
            {text.clear}
          </button>
        </Empty>
      ) : (
        <DataTable
          label={text.title}
          columns={columns()}
          rows={events}
          keyOf={({ id }) => id}
          atFirst={1000}
          isStacked
        />
      )}
      {olderError !== null && <ErrorNotice error={olderError} />}
      {hasMore && (
        <button type="button" onClick={more}>
          {text.older}
        </button>
      )}
    </>
  );
}

function filterOf(chosen: URLSearchParams): Filter {
  const known = <T extends string>(name: string, values: readonly T[]): T | undefined =>
    values.find((value) => value === chosen.get(name));
  return {
    limit: String(PAGE_SIZE),
    kind: known('kind', Object.keys(pack().catalogue.actions) as NonNullable<Filter['kind']>[]),
    level: known('level', ['low', 'high', 'none']),
    result: known('result', ['done', 'skipped', 'failed']),
    text: chosen.get('text') ?? undefined,
    tick: /^\d{1,15}$/.test(chosen.get('tick') ?? '') ? (chosen.get('tick') ?? undefined) : undefined,
    ...rangeOf(),
  };
}

/** The chosen range; none for all decisions. */
function rangeOf(): Pick<Filter, 'from' | 'to'> {
  const [fixed, preset] = [fixedRange(), chosenPreset()];
  if (fixed !== null) return { from: String(fixed.from), to: String(fixed.to) };
  if (preset === null) return {};
  return { from: String(Math.floor(serverNowMs() / MINUTE_MS) * MINUTE_MS - presetMs(preset)) };
}

function columns(): readonly Column<EventRow>[] {
  const { columns: title, cycle } = words().decisions;
  return [
    {
      id: 'at',
      title: title.at,
      value: ({ id }) => id,
      cell: ({ at, tick }) => (
        <>
          {time(at)}
          <Link href={`/decisions?tick=${tick}`} class="quiet under" title={cycle(tick)}>
            {ago(now.value - at)}
          </Link>
        </>
      ),
      class: 'figure',
    },
    {
      id: 'what',
      title: title.what,
      value: ({ kind, result }) => kind + result,
      cell: (event) => <ActionBadge event={event} />,
    },
    {
      id: 'who',
      title: title.who,
      value: ({ name }) => name,
      cell: (event) => <ContainerLink event={event} />,
      class: 'words',
    },
    {
      id: 'level',
      title: title.level,
      value: ({ level }) => level,
      cell: ({ level }) => <LevelBadge level={level} />,
    },
    {
      id: 'why',
      title: title.why,
      value: ({ because }) => reason(because),
      cell: ({ because }) => reason(because),
      class: 'reason',
    },
    {
      id: 'outcome',
      title: title.outcome,
      value: ({ detail }) => reason(detail),
      cell: ({ detail }) => reason(detail),
      class: 'reason',
    },
    {
      id: 'took',
      title: title.took,
      isNumber: true,
      value: (event) => event.took_ms,
      cell: (event) => milliseconds(event.took_ms),
    },
  ];
}
