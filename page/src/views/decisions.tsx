import { useEffect, useState } from 'preact/hooks';
import type { EventRow, Takes } from '../../../daemon/src/show/api.ts';
import { AskError, ask, useAnswer } from '../api-client.ts';
import { milliseconds, time } from '../format-values.ts';
import { serverNowMs } from '../page-clock.ts';
import { ActionBadge, LevelBadge } from '../parts/badges.tsx';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { ContainerLink } from '../parts/decision-list.tsx';
import { Empty, Loading, Trouble } from '../parts/states.tsx';
import { choose, query } from '../router.tsx';
import { words } from '../words/index.ts';
import { reason } from '../words/reasons.ts';

type Filter = Takes<'/api/events'>;

const AT_ONCE = 100;
const SECONDS = { '1h': 3600, '24h': 86_400, '7d': 604_800 } as const;
const FILTERS = ['kind', 'level', 'result', 'text', 'last'] as const;

/** Every decision, with its reason and what came of it. */
export function DecisionsView() {
  const { decisions: say, range } = words();
  const filter = filterOf(query.value);
  const { data, error } = useAnswer('/api/events', filter);
  const [older, setOlder] = useState<readonly EventRow[]>([]);
  const [trouble, setTrouble] = useState<AskError | null>(null);
  const [isEnd, setEnd] = useState(false);
  const asked = JSON.stringify({ ...filter, from: undefined });
  useEffect(() => {
    setOlder([]);
    setEnd(false);
  }, [asked]);

  if (data === null) return error === null ? <Loading /> : <Trouble error={error} />;
  const events = [...data, ...older.filter(({ id }) => id < (data.at(-1)?.id ?? Number.POSITIVE_INFINITY))];
  const hasMore = !isEnd && data.length === AT_ONCE;

  async function more(): Promise<void> {
    try {
      const next = await ask('/api/events', { ...filter, before: String(events.at(-1)?.id ?? 0) });
      setOlder((before) => [...before, ...next]);
      setEnd(next.length < AT_ONCE);
      setTrouble(null);
    } catch (reason) {
      setTrouble(reason instanceof AskError ? reason : new AskError(0, String(reason)));
    }
  }

  return (
    <>
      {error !== null && <Trouble error={error} />}
      <div class="view-head">
        <h1>{say.title}</h1>
      </div>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <Choice name="kind" label={say.kind} any={say.any} choices={words().actions} />
        <Choice
          name="level"
          label={say.level}
          any={say.any}
          choices={{ low: words().lanes.low, high: words().lanes.high, none: say.noLevel }}
        />
        <Choice name="result" label={say.result} any={say.any} choices={words().results} />
        <Choice
          name="last"
          label={say.time}
          any={say.anyTime}
          choices={Object.fromEntries(Object.keys(SECONDS).map((one) => [one, range.last[one] ?? one]))}
        />
        <label class="field wide">
          <span>{say.text}</span>
          <input
            type="search"
            maxLength={200}
            value={query.value.get('text') ?? ''}
            placeholder={say.textHint}
            onInput={({ currentTarget }) => choose({ text: currentTarget.value }, { replace: true })}
          />
        </label>
      </form>
      {events.length === 0 ? (
        <Empty>
          {say.none}{' '}
          <button
            type="button"
            onClick={() => choose(Object.fromEntries(FILTERS.map((name) => [name, null])))}
          >
            {say.clear}
          </button>
        </Empty>
      ) : (
        <DataTable
          label={say.title}
          columns={columns()}
          rows={events}
          keyOf={({ id }) => id}
          atFirst={1000}
        />
      )}
      {trouble !== null && <Trouble error={trouble} />}
      {hasMore && (
        <button type="button" onClick={more}>
          {say.older}
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
    limit: String(AT_ONCE),
    kind: known('kind', ['remove', 'start', 'throttle', 'release', 'restart']),
    level: known('level', ['low', 'high', 'none']),
    result: known('result', ['done', 'skipped', 'failed']),
    text: chosen.get('text') ?? undefined,
    // Whole minutes: the question stays the same from one drawing to the next.
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
        onChange={({ currentTarget }) => choose({ [name]: currentTarget.value })}
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
