import { useEffect, useState } from 'preact/hooks';
import type { EventRow, Takes } from '../../../daemon/src/show/api.ts';
import { RequestError, request, useAnswer } from '../api-client.ts';
import { milliseconds, time } from '../format-values.ts';
import { serverNowMs } from '../page-clock.ts';
import { ActionBadge, LevelBadge } from '../parts/badges.tsx';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { ContainerLink } from '../parts/decision-list.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/states.tsx';
import { query, setQuery } from '../router.tsx';
import { actionDone } from '../words/catalogue-words.ts';
import { pack, words } from '../words/index.ts';
import { reason } from '../words/render-reason.ts';

type Filter = Takes<'/api/events'>;

const PAGE_SIZE = 100;
const SECONDS = { '1h': 3600, '24h': 86_400, '7d': 604_800 } as const;
const FILTERS = ['kind', 'level', 'result', 'text', 'last'] as const;

/** All decisions, with their reasons and results, and filters for them. */
export function DecisionsView() {
  const { decisions: text, range } = words();
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
        <Choice
          name="last"
          label={text.time}
          any={text.anyTime}
          choices={Object.fromEntries(Object.keys(SECONDS).map((one) => [one, range.last[one] ?? one]))}
        />
        <label class="field wide">
          <span>{text.text}</span>
          <input
            type="search"
            maxLength={200}
            value={query.value.get('text') ?? ''}
            placeholder={text.textHint}
            onInput={({ currentTarget }) => setQuery({ text: currentTarget.value }, { replace: true })}
          />
        </label>
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
  const last = chosen.get('last') ?? '';
  return {
    limit: String(PAGE_SIZE),
    kind: known('kind', Object.keys(pack().catalogue.actions) as NonNullable<Filter['kind']>[]),
    level: known('level', ['low', 'high', 'none']),
    result: known('result', ['done', 'skipped', 'failed']),
    text: chosen.get('text') ?? undefined,
    // In whole minutes, so that drawing the view again does not change the request.
    from:
      last in SECONDS
        ? String(Math.floor(serverNowMs() / 60_000) * 60_000 - SECONDS[last as keyof typeof SECONDS] * 1000)
        : undefined,
  };
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly any: string;
  readonly choices: Readonly<Record<string, string>>;
}

function Choice({ name, label, any, choices }: ChoiceProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select
        value={query.value.get(name) ?? ''}
        onChange={({ currentTarget }) => setQuery({ [name]: currentTarget.value })}
      >
        <option value="">{any}</option>
        {Object.entries(choices).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function columns(): readonly Column<EventRow>[] {
  const { columns: title, cycle } = words().decisions;
  return [
    {
      id: 'at',
      title: title.at,
      value: ({ id }) => id,
      cell: ({ at, tick }) => <span title={cycle(tick)}>{time(at)}</span>,
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
