import type { ListedRow } from '../../../daemon/src/show/api.ts';
import { useAnswer } from '../api-client.ts';
import { ago, bytes, digits, duration, kib, percent, time } from '../format-values.ts';
import { now } from '../page-clock.ts';
import { ActionBadge, ClassBadge, countsForQuotas, KindBadge } from '../parts/badges.tsx';
import { Choice, Search } from '../parts/choice.tsx';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { limitsOf } from '../parts/limits.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/states.tsx';
import { containerPath, Link, query, setQuery } from '../router.tsx';
import { capital, kindWord } from '../words/catalogue-words.ts';
import { pack, words } from '../words/index.ts';
import { reason } from '../words/render-reason.ts';

const FILTERS = ['kind', 'level', 'state', 'project', 'image', 'text'] as const;
type Filter = Readonly<Record<(typeof FILTERS)[number], string>>;
/** The value of the filter for containers outside any Compose project. A project cannot have this name. */
const NO_PROJECT = '-';
/** Columns that are left out where no container has a value. */
const OPTIONAL = new Set(['network', 'limits', 'last']);
/** Rows that are drawn at first. */
const FIRST_ROWS = 100;

/** Every container, of whatever kind: what it uses, what Vigía may do to it and did last. */
export function ContainersView() {
  const { containers: text, decisions } = words();
  const { data, error } = useAnswer('/api/containers', {});
  if (data === null) return error === null ? <Loading /> : <ErrorNotice error={error} />;
  const all = data.containers;
  const filter = Object.fromEntries(FILTERS.map((name) => [name, query.value.get(name) ?? ''])) as Filter;
  // Without a choice, only what runs: an hour of a busy host has many that ended.
  const found = all.filter((one) => matches(one, filter));
  return (
    <>
      {error !== null && <ErrorNotice error={error} />}
      <div class="view-head">
        <h1>{text.title}</h1>
        <span class="quiet">{text.found(digits(found.length, 0), digits(all.length, 0))}</span>
      </div>
      <Filters all={all} />
      {found.length === 0 ? (
        <Empty>
          {text.none}{' '}
          <button
            type="button"
            onClick={() => setQuery(Object.fromEntries(FILTERS.map((name) => [name, null])))}
          >
            {decisions.clear}
          </button>
        </Empty>
      ) : (
        <DataTable
          label={text.title}
          columns={columns().filter(
            ({ id, value }) => !OPTIONAL.has(id) || all.some((one) => value(one) !== null),
          )}
          rows={found}
          keyOf={({ id }) => id}
          atFirst={FIRST_ROWS}
        />
      )}
    </>
  );
}

function Filters({ all }: { readonly all: readonly ListedRow[] }) {
  const { containers: text, lanes, levels } = words();
  const named = (values: readonly string[], name: (value: string) => string) =>
    Object.fromEntries([...new Set(values)].sort().map((value) => [value, name(value)]));
  const projects = all.map(({ project }) => project ?? NO_PROJECT);
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <Search label={text.search} hint={text.searchHint} />
      <Choice
        name="state"
        label={text.columns.state}
        any={text.states['running'] ?? ''}
        choices={{
          limited: text.states['limited'] ?? '',
          ended: text.states['ended'] ?? '',
          removed: text.states['removed'] ?? '',
          any: text.any,
        }}
      />
      <Choice
        name="kind"
        label={text.columns.kind}
        any={text.any}
        choices={named(
          all.map(({ kind }) => kind),
          (kind) => capital(kindWord(kind as ListedRow['kind'])),
        )}
      />
      <Choice
        name="level"
        label={text.columns.level}
        any={text.any}
        choices={{ low: lanes.low, high: lanes.high, unknown: capital(levels['unknown'] ?? '') }}
      />
      <Choice
        name="project"
        label={text.columns.project}
        any={text.any}
        choices={named(projects, (project) => (project === NO_PROJECT ? text.noProject : project))}
      />
      <Choice
        name="image"
        label={text.columns.image}
        any={text.any}
        choices={named(
          all.map(({ image }) => image),
          (image) => image,
        )}
      />
    </form>
  );
}

const isLimited = (one: ListedRow): boolean => limitsOf(one) !== '';

function matches(one: ListedRow, { kind, level, state, project, image, text }: Filter): boolean {
  const isInState =
    state === ''
      ? one.state === 'running'
      : state === 'limited'
        ? one.state === 'running' && isLimited(one)
        : state === 'any' || one.state === state;
  const search = text.toLowerCase();
  return (
    isInState &&
    (kind === '' || one.kind === kind) &&
    (level === '' || (countsForQuotas(one) && one.level === level)) &&
    (project === '' || (one.project ?? NO_PROJECT) === project) &&
    (image === '' || one.image === image) &&
    (search === '' ||
      one.id.startsWith(search) ||
      [one.name, one.image, one.compose].some((value) => value?.toLowerCase().includes(search)))
  );
}

function columns(): readonly Column<ListedRow>[] {
  const { columns: title } = words().containers;
  return [
    {
      id: 'name',
      title: title.name,
      value: ({ name }) => name,
      cell: NameCell,
      class: 'words',
    },
    { id: 'kind', title: title.kind, value: ({ kind, level }) => kind + level, cell: BadgesCell },
    {
      id: 'trend',
      title: title.trend,
      value: ({ cpu_percent }) => cpu_percent,
      cell: ({ trend }) => <Sparkline values={trend} top={Math.max(5, ...trend.map((cpu) => cpu ?? 0))} />,
      class: 'trend roomy',
    },
    {
      id: 'cpu',
      title: title.cpu,
      isNumber: true,
      value: ({ cpu_percent }) => cpu_percent,
      cell: ({ cpu_percent }) => percent(cpu_percent),
    },
    {
      id: 'memory',
      title: title.memory,
      isNumber: true,
      value: ({ rss_kb }) => rss_kb,
      cell: MemoryCell,
    },
    {
      id: 'network',
      title: title.network,
      isNumber: true,
      value: ({ received, sent }) => (received === null ? null : received + (sent ?? 0)),
      cell: ({ received, sent }) => (received === null ? '–' : `↓ ${bytes(received)}/s ↑ ${bytes(sent)}/s`),
      class: 'roomy',
    },
    {
      id: 'up',
      title: title.up,
      isNumber: true,
      value: ({ seconds }) => seconds,
      cell: ({ seconds, state, last_seen }) =>
        state === 'running' ? duration(Math.round(seconds)) : ago(now.value - last_seen),
    },
    {
      id: 'limits',
      title: title.limits,
      value: (one) => limitsOf(one) || null,
      cell: (one) => <span class="limits">{limitsOf(one)}</span>,
      class: 'roomy',
    },
    { id: 'may', title: title.may, value: mayText, cell: mayText, class: 'roomy' },
    {
      id: 'last',
      title: title.last,
      value: ({ last }) => last?.at ?? null,
      cell: LastCell,
      isNumber: false,
      class: 'roomy',
    },
  ];
}

const NameCell = ({ id, name, image, compose }: ListedRow) => (
  <>
    <Link href={containerPath(id)} class="name">
      {name}
    </Link>
    <span class="quiet under">
      {image}
      {compose !== null && ` · ${compose}`}
    </span>
  </>
);

/** The kind, with the class where it decides something; and what became of it, unless it runs. */
const BadgesCell = (one: ListedRow) => (
  <>
    {countsForQuotas(one) ? <ClassBadge container={one} /> : <KindBadge kind={one.kind} />}
    {one.state !== 'running' && <span class="quiet under">{words().containers.states[one.state]}</span>}
  </>
);

function MemoryCell({ rss_kb, memory_used_kb, memory_limit_kb }: ListedRow) {
  const used = memory_used_kb ?? rss_kb;
  const share = memory_limit_kb && used !== null ? (100 * used) / memory_limit_kb : null;
  return (
    <>
      {kib(rss_kb)}
      {share !== null && (
        <span class={`under ${share >= 95 ? 'bad' : share >= 80 ? 'warn' : 'quiet'}`}>
          {words().containers.ofLimit(percent(share, 0))}
        </span>
      )}
    </>
  );
}

/** What the policy allows, in a word or two. */
function mayText({ kind, allow }: ListedRow): string {
  const { containers: text } = words();
  if (kind === 'disposable' || kind === 'managed') return text.anything;
  if (kind !== 'service') return text.observe;
  const remedies: Readonly<Record<string, string>> = pack().catalogue.remedies;
  return allow === null || allow.length === 0
    ? text.advise
    : allow.map((one) => remedies[one] ?? one).join(', ');
}

const LastCell = ({ last }: ListedRow) =>
  last === null ? (
    ''
  ) : (
    <span title={last.because === null ? undefined : reason(last.because)}>
      <ActionBadge event={last} />{' '}
      <span class="quiet" title={time(last.at)}>
        {ago(now.value - last.at)}
      </span>
    </span>
  );
