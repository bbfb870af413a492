import { useEffect } from 'preact/hooks';
import type {
  ContainerRow,
  FindingRow,
  HostRow,
  RowsAnswer,
  StatusAnswer,
} from '../../../daemon/src/show/api.ts';
import { useAnswer } from '../api-client.ts';
import { ago, digits, duration, kib, percent } from '../format-values.ts';
import { beat, connection } from '../live-updates.ts';
import { now, setServerNow } from '../page-clock.ts';
import { ClassBadge } from '../parts/badges.tsx';
import { DecisionList } from '../parts/decision-list.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { Loading, Trouble } from '../parts/states.tsx';
import { containerPath, Link } from '../router.tsx';
import { words } from '../words/index.ts';
import { reason } from '../words/reasons.ts';

/** A daemon that stopped sends no news: its age is looked at anyhow. */
const LOOK_SECONDS = 15;
const HOUR_MS = 3_600_000;

/** Is the machine healthy, are the 3 + 2 there, what was just removed and why. */
export function Overview() {
  const { data, error } = useAnswer(
    '/api/status',
    {},
    `${beat.value} ${Math.floor(now.value / LOOK_SECONDS)}`,
  );
  useEffect(() => {
    if (data !== null) setServerNow(data.now);
  }, [data]);
  if (data === null) return error === null ? <Loading /> : <Trouble error={error} />;
  return (
    <>
      {error !== null && <Trouble error={error} />}
      <Verdict status={data} />
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

function Verdict({ status }: { readonly status: StatusAnswer }) {
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
            <Finding key={`${found.code} ${found.subject ?? i}`} found={found} acts={acts(status)} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** A shape as well as a colour. */
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
/** With one of these no cycle does anything: what it would do is then no promise. */
const IDLE = new Set<FindingRow['code']>(['stopped', 'clock-back', 'blind', 'not-enforcing']);
const PROMISES = new Set<FindingRow['code']>([...IN_COUNT, 'memory-short', 'memory-stalls']);

const acts = ({ findings }: StatusAnswer): boolean => !findings.some(({ code }) => IDLE.has(code));

function Finding({ found, acts }: { readonly found: FindingRow; readonly acts: boolean }) {
  const say = (value: number | null): string => {
    if (IN_SECONDS.has(found.code)) return duration(value);
    return IN_COUNT.has(found.code) ? digits(value ?? 0, 0) : percent(value, 1);
  };
  const [what, todo] = words().finding[found.code](
    { subject: found.reason === null ? found.subject : `${found.subject}: ${reason(found.reason)}` },
    say(found.figure),
    say(found.limit),
  );
  return (
    <li class={found.severity}>
      <strong>{what}.</strong> {(acts || !PROMISES.has(found.code)) && todo}
    </li>
  );
}

function Quotas({ status }: { readonly status: StatusAnswer }) {
  const { quotas, lanes } = words();
  // Ours count even where they are protected.
  const managed = status.containers.filter((one) => one.managed === 1);
  const others = status.containers.filter((one) => one.managed === 0);
  const gone = removedJustNow(status);
  const stayed = managed.filter(({ id }) => !gone.has(id));
  const unknown = stayed.filter(({ level }) => level === 'unknown');
  return (
    <section aria-labelledby="quotas">
      <h2 id="quotas">{quotas.title}</h2>
      <div class="lanes">
        {(['low', 'high'] as const).map((level) => (
          <Lane
            key={level}
            level={level}
            quota={status.quotas[level]}
            running={(level === 'low' ? status.cycle?.low_after : status.cycle?.high_after) ?? 0}
            containers={stayed.filter((one) => one.level === level)}
            acts={acts(status)}
          />
        ))}
      </div>
      {unknown.length > 0 && <Others title={lanes.unknown} containers={unknown} />}
      {others.length > 0 && <Others title={lanes.foreign} containers={others} note={quotas.observedOnly} />}
    </section>
  );
}

/** Those that the newest cycle removed are in its reading, but no longer there. */
function removedJustNow({ cycle, actions }: StatusAnswer): ReadonlySet<string> {
  const ids = actions
    .filter(({ tick, kind, result }) => tick === cycle?.tick && kind === 'remove' && result === 'done')
    .map(({ container_id }) => container_id ?? '');
  return new Set(ids);
}

interface LaneProps {
  readonly level: 'low' | 'high';
  readonly quota: StatusAnswer['quotas']['low'];
  /** After the newest cycle's actions; those it started are not in its reading yet. */
  readonly running: number;
  readonly containers: readonly ContainerRow[];
  /** Whether the next cycle fills what is empty and removes what is too many. */
  readonly acts: boolean;
}

/** A class's places: taken, empty, or one too many. */
function Lane({ level, quota: { keep, trim }, running, containers, acts }: LaneProps) {
  const { quotas, lanes } = words();
  const shown = containers.slice(0, Math.max(running, keep));
  const started = Math.max(0, running - shown.length);
  const empty = Math.max(0, keep - running);
  const surplus = trim ? Math.max(0, running - keep) : 0;
  const verdict =
    running < keep ? quotas.missing(keep - running) : surplus > 0 ? quotas.surplus(surplus) : quotas.complete;
  return (
    <section class={`lane ${level}`} aria-labelledby={`lane-${level}`}>
      <header>
        <h3 id={`lane-${level}`}>{lanes[level]}</h3>
        <span class="figure">{quotas.of(running, keep)}</span>
        <span class={`state ${running < keep ? 'bad' : surplus > 0 ? 'warn' : 'good'}`}>{verdict}</span>
      </header>
      <ol class="places">
        {shown.map((one, i) => (
          <li
            key={one.id}
            class={i < keep || !trim ? 'taken' : 'surplus'}
            title={i < keep || !trim || !acts ? undefined : quotas.leaves}
          >
            <Link href={containerPath(one.id)} class="name" title={one.name}>
              {one.name}
            </Link>
            <span class="quiet">
              {one.image}
              {one.protected === 1 && ` · ${words().ownership.protected}`}
            </span>
            <span class="figures">
              <span>
                CPU <b>{percent(one.cpu_percent)}</b>
              </span>{' '}
              <span>
                RSS <b>{kib(one.rss_kb)}</b>
              </span>
            </span>
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
            {acts && <span class="quiet">{quotas.emptyTodo}</span>}
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
}

function Others({ title, containers, note }: OthersProps) {
  return (
    <details class="others">
      <summary>
        {title} <b>{containers.length}</b>
      </summary>
      {note !== undefined && <p class="quiet">{note}</p>}
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
          </li>
        ))}
      </ul>
    </details>
  );
}

function Host({ host, at }: { readonly host: HostRow; readonly at: number }) {
  const say = words().host;
  const range = { from: String(at * 1000 - HOUR_MS), to: String(at * 1000) };
  const memory = useAnswer('/api/panel/{id}', { id: 'ram-over-time', ...range }).data;
  const cpu = useAnswer('/api/panel/{id}', { id: 'host-cpu-over-time', ...range }).data;
  const pressure = useAnswer('/api/panel/{id}', { id: 'pressure-over-time', ...range }).data;
  const busy = host.cpu_percent === null ? null : host.cpu_percent / host.cpus;
  return (
    <section aria-labelledby="host">
      <h2 id="host">{say.title}</h2>
      <div class="meters">
        <article class="card meter">
          <h3>{say.memory}</h3>
          <p class="figure">{percent((100 * host.used_kb) / host.total_kb)}</p>
          <Sparkline values={columnOf(memory, 'En uso')} top={host.total_kb} />
          <p class="quiet">
            {say.of(kib(host.used_kb), kib(host.total_kb))} · {say.available(kib(host.available_kb))}
          </p>
        </article>
        <article class="card meter">
          <h3>{say.cpu}</h3>
          <p class="figure">{percent(busy)}</p>
          <Sparkline values={columnOf(cpu, 'Promedio')} top={100} />
          <p class="quiet">
            {say.cores(host.cpus, host.load1 === null ? '–' : digits(host.load1, 2))}
            {host.process_total !== null && ` · ${say.processes(digits(host.process_total, 0))}`}
          </p>
        </article>
        <article class="card meter">
          <h3>{say.pressure}</h3>
          <p class="figure">{percent(host.memory_full_avg10)}</p>
          <Sparkline values={columnOf(pressure, 'Memoria, full')} top={100} />
          <p class="quiet">{host.memory_full_avg10 === null ? say.noPsi : say.psi}</p>
        </article>
      </div>
    </section>
  );
}

function columnOf(answer: RowsAnswer | null, name: string): (number | null)[] {
  const i = answer?.columns.indexOf(name) ?? -1;
  return answer === null || i < 0
    ? []
    : answer.rows.map((row) => (typeof row[i] === 'number' ? row[i] : null));
}
