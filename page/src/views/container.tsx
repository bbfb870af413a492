import type { Answer, RankRow } from '../../../daemon/src/show/api.ts';
import { useAnswer } from '../api-client.ts';
import { ago, duration, kib, milliseconds, percent, shortId, time } from '../format-values.ts';
import { now } from '../page-clock.ts';
import { PanelCard } from '../panels/panel-card.tsx';
import { ActionBadge, KindBadge, LevelBadge } from '../parts/badges.tsx';
import { Command } from '../parts/command.tsx';
import { limitsOf } from '../parts/limits.tsx';
import { ProcessTable } from '../parts/process-table.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/states.tsx';
import { type OwnRange, RangePicker, useRange } from '../range.tsx';
import { Link } from '../router.tsx';
import { capital, kindWord } from '../words/catalogue-words.ts';
import { pack, words } from '../words/index.ts';
import { reason } from '../words/render-reason.ts';

type Story = Answer<'/api/container/{id}'>;

/** A container that was seen within this time and not removed counts as running. */
const ALIVE_SECONDS = 90;

/** One container: its class and the reason for it, its figures, the decisions about it, its history and processes. */
export function ContainerView({ id }: { readonly id: string }) {
  const { data, error } = useAnswer('/api/container/{id}', { id });
  const { container: text } = words();
  if (error?.status === 404 || error?.status === 400) {
    return (
      <div class="verdict none">
        <h1>{text.notFound}</h1>
        <p>{text.notFoundTodo}</p>
        <p>
          <code>{id}</code>
        </p>
      </div>
    );
  }
  if (data === null) return error === null ? <Loading /> : <ErrorNotice error={error} />;
  const { container, sample, processes } = data;
  return (
    <>
      {error !== null && <ErrorNotice error={error} />}
      <div class="view-head">
        <h1 class="name">{container.name}</h1>
        <KindBadge kind={container.kind} /> <LevelBadge level={container.level} />
        <span class="quiet">{lifeOf(data)}</span>
      </div>
      <div class="overview">
        <div class="column">
          <section class="card" aria-labelledby="why">
            <h2 id="why">{text.why}</h2>
            <p class="because">{sample === null ? text.never : reason(sample.because)}</p>
            <Facts story={data} />
          </section>
          <Policy story={data} />
        </div>
        <div class="column">
          <Decisions story={data} />
          <Told story={data} />
          <Commands story={data} />
        </div>
      </div>
      <History id={id} life={lifeRange(data)} />
      <section aria-labelledby="its-processes">
        <h2 id="its-processes">{text.processes}</h2>
        {processes.length === 0 ? (
          <Empty>{text.noProcesses}</Empty>
        ) : (
          <ProcessTable label={text.processes} processes={processes} />
        )}
      </section>
    </>
  );
}

const isOver = ({ container: { removed_at, last_seen } }: Pick<Story, 'container'>): boolean =>
  removed_at !== null || now.value - last_seen >= ALIVE_SECONDS;

function lifeOf({ container }: Pick<Story, 'container'>): string {
  const { container: text } = words();
  if (container.removed_at !== null) return text.removed(ago(now.value - container.removed_at));
  return isOver({ container }) ? text.gone : text.running;
}

function Facts({ story: { container, sample } }: { readonly story: Story }) {
  const { facts } = words().container;
  const rows: [string, string][] = [
    [facts.id, shortId(container.id)],
    [facts.image, container.image],
    [facts.pid, container.pid === null ? '–' : String(container.pid)],
    ['CPU', percent(sample?.cpu_percent)],
    [facts.freed, kib(sample?.memory_used_kb)],
    ['RSS', `${kib(sample?.rss_kb)} (${percent(sample?.mem_percent)})`],
    [facts.peakCpu, percent(container.peak_cpu_percent)],
    [facts.peakRss, kib(container.peak_rss_kb)],
    [facts.first, time(container.first_seen)],
    [facts.last, time(container.last_seen)],
    ...(container.declared_class === null
      ? []
      : [
          [facts.declared, words().levels[container.declared_class] ?? container.declared_class] as [
            string,
            string,
          ],
        ]),
  ];
  return <FactList rows={rows} />;
}

const FactList = ({ rows }: { readonly rows: readonly (readonly [name: string, value: string])[] }) => (
  <dl class="facts">
    {rows.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

/** What Vigía may do to the container and why, its thresholds, and the limits that Vigía set on it. */
function Policy({ story: { container, policy, sample } }: { readonly story: Story }) {
  const { policy: text } = words().container;
  const { kind } = container;
  const isActedOn = kind === 'disposable' || kind === 'service';
  const limits = sample === null ? '' : limitsOf(sample);
  return (
    <section class="card" aria-labelledby="policy">
      <h2 id="policy">{text.title}</h2>
      <p class="because">
        {capital(kindWord(kind))}
        {policy !== null && ` (${reason(policy.because)})`}
      </p>
      {policy !== null && (
        <p class="quiet">
          {text.may}: {mayText(kind, policy.allow)}
        </p>
      )}
      {policy?.warnings.map((warning) => (
        <p key={JSON.stringify(warning)} class="warning">
          {text.warning}: {reason(warning)}
        </p>
      ))}
      <FactList
        rows={[
          ...(policy === null
            ? []
            : ([
                ...(isActedOn
                  ? [
                      [text.cpu, text.isOwn(percent(policy.cpu_percent), policy.has_own_cpu_percent)],
                      [text.grace, text.isOwn(duration(policy.grace_seconds), policy.has_own_grace_seconds)],
                      [text.memory, kib(policy.expected_kb)],
                      [text.priority, String(policy.priority)],
                    ]
                  : []),
                ...(policy.dependants.length === 0 ? [] : [[text.dependants, policy.dependants.join(', ')]]),
              ] as [string, string][])),
          [text.limits, limits === '' ? '–' : limits],
        ]}
      />
    </section>
  );
}

function mayText(kind: Story['container']['kind'], allow: readonly string[]): string {
  const { policy: text } = words().container;
  if (kind === 'disposable') return text.anything;
  if (kind !== 'service') return text.observe;
  const remedies: Readonly<Record<string, string>> = pack().catalogue.remedies;
  return allow.length === 0 ? text.advise : allow.map((one) => remedies[one] ?? one).join('; ');
}

function Decisions({ story: { actions, excluded } }: { readonly story: Story }) {
  const { container: text, health, recent } = words();
  return (
    <section class="card" aria-labelledby="its-decisions">
      <h2 id="its-decisions">{text.decisions}</h2>
      {actions.length === 0 && <Empty>{text.noDecisions}</Empty>}
      <ol class="decisions">
        {actions.toReversed().map((action) => (
          <li key={`${action.tick} ${action.kind}`}>
            <p>
              <ActionBadge event={action} />{' '}
              <span class="quiet">
                {time(action.at)} ·{' '}
                <Link href={`/decisions?tick=${action.tick}`}>{health.cycle(action.tick)}</Link>
              </span>
            </p>
            <p class="because">{reason(action.because)}</p>
            {action.rank !== null && <p>{describeRank(action.rank)}</p>}
            <p class="quiet">
              {reason(action.detail)} {recent.took(milliseconds(action.took_ms))}
            </p>
          </li>
        ))}
      </ol>
      {actions.length === 0 && excluded !== null && excluded.excluded !== null && (
        <p>
          {text.excluded(
            excluded.tick,
            excluded.share === null ? '' : text.shareOf(percent(100 * excluded.share, 2)),
            reason(excluded.excluded),
          )}
        </p>
      )}
    </section>
  );
}

const MOST_TOLD = 12;

/** What the engine told of it, the newest first: starts, ends and who or what caused them. */
function Told({ story: { told } }: { readonly story: Story }) {
  if (told.length === 0) return null;
  return (
    <section class="card" aria-labelledby="told">
      <h2 id="told">{words().container.told}</h2>
      <ol class="told">
        {told.slice(0, MOST_TOLD).map(({ at, kind, because }, i) => (
          <li key={`${at} ${kind} ${i}`}>
            <span class="quiet">{time(at)}</span> {reason(because)}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Says where it ranked among the candidates, and which one is next. */
function describeRank({ rank, chosen, candidates, next }: RankRow): string {
  const { container: text } = words();
  const after =
    next === null
      ? text.nextNone
      : next.excluded === null
        ? text.nextToo(next.name)
        : text.nextExcluded(next.name, reason(next.excluded));
  return `${text.rank(rank, chosen, candidates)} ${after}`;
}

/** Its life with a margin, up to now while it runs. */
function lifeRange({ container }: Pick<Story, 'container'>): OwnRange {
  const end = container.removed_at ?? container.last_seen;
  const margin = Math.max(SHORTEST_MARGIN, (end - container.first_seen) / 20);
  return {
    from: Math.floor(container.first_seen - margin) * 1000,
    to: isOver({ container }) ? Math.ceil(end + margin) * 1000 : null,
  };
}

const SHORTEST_MARGIN = 30;

/** What can be done about it, as commands: the page itself changes nothing. */
function Commands({ story: { container } }: { readonly story: Story }) {
  const { commands: text } = words().container;
  const id = shortId(container.id);
  const isOurs = container.kind === 'disposable' || container.kind === 'service';
  const commands: readonly (readonly [string, string])[] = [
    [text.explain, `vigia explain ${id}`],
    ...(isOver({ container })
      ? []
      : isOurs
        ? ([
            [text.pause, `sudo vigia pause ${id} --for 1h`],
            [text.protect, `sudo vigia protect ${id}`],
            [text.release, `sudo vigia release ${id}`],
          ] as const)
        : ([[text.manage, `sudo vigia manage ${id}`]] as const)),
  ];
  return (
    <section class="card" aria-labelledby="commands">
      <h2 id="commands">{text.title}</h2>
      <dl class="commands">
        {commands.map(([about, command]) => (
          <div key={command}>
            <dt>{about}</dt>
            <dd>
              <Command text={command} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

interface HistoryProps {
  readonly id: string;
  readonly life: OwnRange;
}

/** All panels that are about one container, at first over its whole life. */
function History({ id, life }: HistoryProps) {
  const range = useRange(life);
  const { data } = useAnswer('/api/panels', {}, 'once');
  // Its facts and decisions are above, where they say more than as tables.
  const panels = data?.panels.filter(({ container, kind }) => container && kind !== 'table') ?? [];
  const { container: text } = words();
  return (
    <section aria-labelledby="history">
      <div class="view-head">
        <h2 id="history">{text.history}</h2>
        <RangePicker range={range} own={text.life} />
      </div>
      <div class="grid">
        {panels.map((panel) => (
          <PanelCard
            key={panel.id}
            panel={panel}
            range={range}
            marks={null}
            container={id}
            class="half"
            level={3}
          />
        ))}
      </div>
      {panels.length === 0 && <Empty>{text.noHistory}</Empty>}
    </section>
  );
}
