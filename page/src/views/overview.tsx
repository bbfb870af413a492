import { useEffect } from 'preact/hooks';
import type {
  ContainerRow,
  FindingRow,
  HostRow,
  RowsAnswer,
  StatusAnswer,
} from '../../../daemon/src/show/api.ts';
import { useAnswer } from '../api-client.ts';
import { ago, digits, duration, kib, percent, time } from '../format-values.ts';
import { connection, cycleCount } from '../live-updates.ts';
import { now, setServerNow } from '../page-clock.ts';
import { ClassBadge, countsForQuotas } from '../parts/badges.tsx';
import { DecisionList } from '../parts/decision-list.tsx';
import { Limits } from '../parts/limits.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { ErrorNotice, Loading } from '../parts/states.tsx';
import { containerPath, Link } from '../router.tsx';
import { words } from '../words/index.ts';
import { reason } from '../words/render-reason.ts';

/** The status is also requested at this interval, because a stopped daemon announces no cycles. */
const REFRESH_SECONDS = 15;
const HOUR_MS = 3_600_000;

/** Shows whether the host is healthy, whether the quotas are met, and what was just removed and why. */
export function Overview() {
  const { data, error } = useAnswer(
    '/api/status',
    {},
    `${cycleCount.value} ${Math.floor(now.value / REFRESH_SECONDS)}`,
  );
  useEffect(() => {
    if (data !== null) setServerNow(data.now);
  }, [data]);
  if (data === null) return error === null ? <Loading /> : <ErrorNotice error={error} />;
  return (
    <>
      {error !== null && <ErrorNotice error={error} />}
      <HealthSummary status={data} />
      {data.cycle !== null && (
        <div class="overview">
          <div class="column">
            <Quotas status={data} />
            {data.host !== null && <Host host={data.host} at={data.cycle.at} />}
          </div>
          <section aria-labelledby="recent" class="column">
            <h2 id="recent">{words().recent.title}</h2>
            <DecisionList events={data.actions} />
            <p>
              <Link href="/decisions">{words().recent.all} →</Link>
            </p>
          </section>
        </div>
      )}
    </>
  );
}

function HealthSummary({ status }: { readonly status: StatusAnswer }) {
  const { health, sensors, modes } = words();
  const { cycle, findings } = status;
  if (cycle === null) {
    return (
      <section class="verdict none">
        <h1>{health.none}</h1>
        <p>{health.noneTodo(status.database)}</p>
      </section>
    );
  }
  const isLost = connection.value === 'lost';
  const worst = isLost ? 'bad' : (findings[0]?.severity ?? 'good');
  const age = Math.max(0, now.value - cycle.at);
  return (
    <section class={`verdict ${worst}`} aria-live="polite">
      <h1>
        <Sign severity={worst} /> {isLost ? health.unknown : health[worst]}
      </h1>
      <p class="quiet">
        {health.cycle(cycle.tick)}, {ago(age)} · {sensors[cycle.sensor] ?? cycle.sensor} ·{' '}
        {modes[status.mode] ?? status.mode} · {health.lastCycle(cycle.removed, cycle.started)}
      </p>
      {findings.length > 0 && (
        <ul class="findings">
          {findings.map((found, i) => (
            <Finding key={`${found.code} ${found.subject ?? i}`} found={found} willAct={willAct(status)} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** An icon for the severity: a shape as well as a colour. */
function Sign({ severity }: { readonly severity: 'good' | 'warn' | 'bad' }) {
  const shape = {
    good: 'M5 12.5l4.5 4.5L19 7.5',
    warn: 'M12 6v7.5M12 17v.5',
    bad: 'M7 7l10 10M17 7L7 17',
  }[severity];
  return (
    <svg class="sign" viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="11" />
      <path d={shape} />
    </svg>
  );
}

const IN_SECONDS = new Set<FindingRow['code']>(['stopped', 'clock-back']);
const IN_COUNT = new Set<FindingRow['code']>(['below-quota', 'above-quota']);
/** Findings during which no cycle acts. The page then does not announce what the next cycle will do. */
const CYCLES_IDLE = new Set<FindingRow['code']>(['stopped', 'clock-back', 'blind']);
/** Findings whose advice announces what the next cycle will do. */
const ANNOUNCE_ACTION = new Set<FindingRow['code']>([...IN_COUNT, 'memory-short', 'memory-stalls']);

const willAct = ({ findings, mode }: StatusAnswer): boolean =>
  mode === 'enforce' && !findings.some(({ code }) => CYCLES_IDLE.has(code));

function Finding({ found, willAct }: { readonly found: FindingRow; readonly willAct: boolean }) {
  const format = (value: number | null): string => {
    if (IN_SECONDS.has(found.code)) return duration(value);
    return IN_COUNT.has(found.code) ? digits(value ?? 0, 0) : percent(value, 1);
  };
  const [what, todo] = words().finding[found.code](
    { subject: [found.subject, found.reason && reason(found.reason)].filter(Boolean).join(': ') },
    found.at === null ? format(found.figure) : time(found.at),
    format(found.limit),
  );
  return (
    <li class={found.severity}>
      <strong>{what}.</strong> {(willAct || !ANNOUNCE_ACTION.has(found.code)) && todo}
    </li>
  );
}

const KINDS = ['disposable', 'service', 'managed', 'foreign', 'protected'] as const;

/** Whether a quota asks for anything. */
const isInForce = ({ keep, trim }: StatusAnswer['quotas']['low']): boolean => keep > 0 || trim;

function Quotas({ status }: { readonly status: StatusAnswer }) {
  const { quotas, lanes } = words();
  const levels = (['low', 'high'] as const).filter((level) => isInForce(status.quotas[level]));
  const counted = status.containers.filter(countsForQuotas);
  const unknown = levels.length === 0 ? [] : counted.filter(({ level }) => level === 'unknown');
  const inLanes = new Set(
    counted.filter(({ level }) => levels.some((one) => one === level)).map(({ id }) => id),
  );
  const others = status.containers.filter((one) => !inLanes.has(one.id) && !unknown.includes(one));
  return (
    <section aria-labelledby="quotas">
      <h2 id="quotas">{levels.length === 0 ? quotas.noQuotas : quotas.title}</h2>
      <div class="lanes">
        {levels.map((level) => (
          <Lane
            key={level}
            level={level}
            quota={status.quotas[level]}
            running={(level === 'low' ? status.cycle?.low_after : status.cycle?.high_after) ?? 0}
            containers={counted.filter((one) => one.level === level)}
            willAct={willAct(status)}
          />
        ))}
      </div>
      {unknown.length > 0 && <Others title={lanes.unknown} containers={unknown} />}
      {KINDS.map((kind) => {
        const [title, note] = quotas.kinds[kind];
        const containers = others.filter((one) => one.kind === kind);
        return (
          containers.length > 0 && (
            <Others key={kind} {...{ title, note, containers }} isOpen={levels.length === 0} />
          )
        );
      })}
    </section>
  );
}

interface LaneProps {
  readonly level: 'low' | 'high';
  readonly quota: StatusAnswer['quotas']['low'];
  /** Number after the newest cycle's actions. The containers that it started are not in `containers` yet. */
  readonly running: number;
  readonly containers: readonly ContainerRow[];
  /** Whether the next cycle will start what is missing and remove what is too many. */
  readonly willAct: boolean;
}

/** The places of a class: taken, empty, or beyond the quota. */
function Lane({ level, quota: { keep, trim }, running, containers, willAct }: LaneProps) {
  const { quotas, lanes } = words();
  const shown = containers.slice(0, Math.max(running, keep));
  const started = Math.max(0, running - shown.length);
  const empty = Math.max(0, keep - running);
  const surplus = trim ? Math.max(0, running - keep) : 0;
  const summary =
    running < keep ? quotas.missing(keep - running) : surplus > 0 ? quotas.surplus(surplus) : quotas.complete;
  return (
    <section class={`lane ${level}`} aria-labelledby={`lane-${level}`}>
      <header>
        <h3 id={`lane-${level}`}>{lanes[level]}</h3>
        <span class="figure">{quotas.of(running, keep)}</span>
        <span class={`state ${running < keep ? 'bad' : surplus > 0 ? 'warn' : 'good'}`}>{summary}</span>
      </header>
      <ol class="places">
        {shown.map((one, i) => (
          <li
            key={one.id}
            class={i < keep || !trim ? 'taken' : 'surplus'}
            title={i < keep || !trim || !willAct ? undefined : quotas.leaves}
          >
            <Link href={containerPath(one.id)} class="name" title={one.name}>
              {one.name}
            </Link>
            <span class="quiet">{one.image}</span>
            <span class="figures">
              <span>
                CPU <b>{percent(one.cpu_percent)}</b>
              </span>{' '}
              <span>
                RSS <b>{kib(one.rss_kb)}</b>
              </span>
            </span>
            <Limits of={one} />
          </li>
        ))}
        {Array.from({ length: started }, (_, i) => (
          <li key={`started ${i}`} class="taken fresh">
            <span class="name">{quotas.fresh}</span>
            <span class="quiet">{quotas.freshWhy}</span>
          </li>
        ))}
        {Array.from({ length: empty }, (_, i) => (
          <li key={`empty ${i}`} class="empty-place">
            <span class="name">{quotas.empty}</span>
            {willAct && <span class="quiet">{quotas.emptyTodo}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}

interface OthersProps {
  readonly title: string;
  readonly containers: readonly ContainerRow[];
  readonly note?: string;
  readonly isOpen?: boolean;
}

function Others({ title, containers, note = '', isOpen = false }: OthersProps) {
  return (
    <details class="others" open={isOpen}>
      <summary>
        {title} <b>{containers.length}</b>
      </summary>
      {note !== '' && <p class="quiet">{note}</p>}
      <ul>
        {containers.map((one) => (
          <li key={one.id}>
            <ClassBadge container={one} />{' '}
            <Link href={containerPath(one.id)} class="name">
              {one.name}
            </Link>{' '}
            <span class="quiet">
              CPU {percent(one.cpu_percent)} · RSS {kib(one.rss_kb)}
            </span>
            <Limits of={one} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function Host({ host, at }: { readonly host: HostRow; readonly at: number }) {
  const text = words().host;
  const range = { from: String(at * 1000 - HOUR_MS), to: String(at * 1000) };
  const memory = useAnswer('/api/panel/{id}', { id: 'ram-over-time', ...range }).data;
  const cpu = useAnswer('/api/panel/{id}', { id: 'host-cpu-over-time', ...range }).data;
  const pressure = useAnswer('/api/panel/{id}', { id: 'pressure-over-time', ...range }).data;
  const busy = host.cpu_percent === null ? null : host.cpu_percent / host.cpus;
  return (
    <section aria-labelledby="host">
      <h2 id="host">{text.title}</h2>
      <div class="meters">
        <article class="card meter">
          <h3>{text.memory}</h3>
          <p class="figure">{percent((100 * host.used_kb) / host.total_kb)}</p>
          <Sparkline values={columnOf(memory, 'En uso')} top={host.total_kb} />
          <p class="quiet">
            {text.of(kib(host.used_kb), kib(host.total_kb))} · {text.available(kib(host.available_kb))}
          </p>
        </article>
        <article class="card meter">
          <h3>{text.cpu}</h3>
          <p class="figure">{percent(busy)}</p>
          <Sparkline values={columnOf(cpu, 'Promedio')} top={100} />
          <p class="quiet">
            {text.cores(host.cpus, host.load1 === null ? '–' : digits(host.load1, 2))}
            {host.process_total !== null && ` · ${text.processes(digits(host.process_total, 0))}`}
          </p>
        </article>
        <article class="card meter">
          <h3>{text.pressure}</h3>
          <p class="figure">{percent(host.memory_full_avg10)}</p>
          <Sparkline values={columnOf(pressure, 'Memoria, full')} top={100} />
          <p class="quiet">{host.memory_full_avg10 === null ? text.noPsi : text.psi}</p>
        </article>
      </div>
    </section>
  );
}

/** The numbers of one column; empty when the answer does not have it. */
function columnOf(answer: RowsAnswer | null, name: string): (number | null)[] {
  const i = answer?.columns.indexOf(name) ?? -1;
  return answer === null || i < 0
    ? []
    : answer.rows.map((row) => (typeof row[i] === 'number' ? row[i] : null));
}
