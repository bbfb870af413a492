import { useEffect } from 'preact/hooks';
import type { ContainerRow, StatusAnswer } from '../../../daemon/src/show/api.ts';
import { useAnswer } from '../api-client.ts';
import { ago, digits, duration, kib, percent } from '../format-values.ts';
import { isStale, severity } from '../host-health.ts';
import { connection, cycleCount } from '../live-updates.ts';
import { now, setServerNow } from '../page-clock.ts';
import { countsForQuotas } from '../parts/badges.tsx';
import { BusiestContainers } from '../parts/busiest-containers.tsx';
import { Command } from '../parts/command.tsx';
import { DecisionList } from '../parts/decision-list.tsx';
import { adviceOf, describeFinding, Sign, willAct } from '../parts/findings.tsx';
import { HostMeters } from '../parts/host-meters.tsx';
import { Limits } from '../parts/limits.tsx';
import { ErrorNotice, Loading } from '../parts/states.tsx';
import { containerPath, Link } from '../router.tsx';
import { words } from '../words/index.ts';

/** The status is also requested at this interval, because a stopped daemon announces no cycles. */
const REFRESH_SECONDS = 15;
const LEVELS = ['low', 'high'] as const;
/** Rows of the list of containers: where there are places of quotas too, it is the smaller part. */
const [BESIDE_QUOTAS, ALONE] = [6, 12];

/** Shows whether the host is healthy, what runs on it, and what was just done and why. */
export function Overview() {
  const { data, error } = useAnswer(
    '/api/status',
    {},
    `${cycleCount.value} ${Math.floor(now.value / REFRESH_SECONDS)}`,
  );
  useEffect(() => {
    if (data !== null) setServerNow(data.now, data.simulated);
  }, [data]);
  if (data === null) return error === null ? <Loading /> : <ErrorNotice error={error} />;
  const hasQuotas = LEVELS.some((level) => isInForce(data.quotas[level]));
  return (
    <>
      {error !== null && <ErrorNotice error={error} />}
      <HealthSummary status={data} />
      {!hasQuotas && <HostMeters status={data} />}
      {data.cycle !== null && (
        <div class="overview">
          <div class="column">
            {hasQuotas && <Quotas status={data} />}
            {hasQuotas && <HostMeters status={data} />}
            <Others status={data} hasQuotas={hasQuotas} />
          </div>
          <div class="column">
            {data.mode === 'observe' && <WouldDo status={data} />}
            <section aria-labelledby="recent">
              <h2 id="recent">{words().recent.title}</h2>
              <DecisionList events={data.actions} />
              <p>
                <Link href="/decisions">{words().recent.all} →</Link>
              </p>
            </section>
          </div>
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
  const worst = isLost || isStale.value ? 'bad' : (findings[0]?.severity ?? 'good');
  const age = Math.max(0, now.value - cycle.at);
  return (
    <section class={`verdict ${worst}`} aria-labelledby="verdict">
      {/* Only this is announced when it changes: the age below changes every second. */}
      <div role="status">
        <h1 id="verdict">
          <Sign severity={worst} /> {isLost ? health.unknown : health[worst]}
        </h1>
      </div>
      <p class="quiet">
        {health.cycle(cycle.tick)}, {ago(age)} · {sensors[cycle.sensor] ?? cycle.sensor} ·{' '}
        {modes[status.mode] ?? status.mode} · {health.lastCycle(cycle.removed, cycle.started)}
      </p>
      <p class="quiet host-facts">{factsOf(status)}</p>
      {findings.length > 0 && (
        <ul class="findings">
          {findings.map((found, i) => (
            <li key={`${found.code} ${found.subject ?? i}`} class={found.severity}>
              <strong>{describeFinding(found)[0]}.</strong> {adviceOf(found, willAct(status))}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** The machine in one line. */
function factsOf({ host_name, system, host }: StatusAnswer): string {
  const { host: text, simulated } = words();
  return [
    host_name ?? simulated,
    system && `Linux ${system.kernel} (${system.architecture})`,
    host && text.cores(host.cpus),
    host && kib(host.total_kb),
    system && text.up(duration(system.uptime_seconds)),
  ]
    .filter(Boolean)
    .join(' · ');
}

/** Whether a quota asks for anything. */
const isInForce = ({ keep, trim }: StatusAnswer['quotas']['low']): boolean => keep > 0 || trim;

function Quotas({ status }: { readonly status: StatusAnswer }) {
  const { quotas } = words();
  const counted = status.containers.filter(countsForQuotas);
  return (
    <section aria-labelledby="quotas">
      <h2 id="quotas">{quotas.title}</h2>
      <div class="lanes">
        {LEVELS.filter((level) => isInForce(status.quotas[level])).map((level) => (
          <Lane
            key={level}
            level={level}
            quota={status.quotas[level]}
            running={(level === 'low' ? status.cycle?.low_after : status.cycle?.high_after) ?? 0}
            containers={counted.filter((one) => one.level === level)}
            acts={willAct(status)}
          />
        ))}
      </div>
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
  readonly acts: boolean;
}

/** The places of a class: taken, empty, or beyond the quota. */
function Lane({ level, quota: { keep, trim }, running, containers, acts }: LaneProps) {
  const { quotas, lanes } = words();
  const shown = containers.slice(0, Math.max(running, keep));
  const started = Math.max(0, running - shown.length);
  const empty = Math.max(0, keep - running);
  const surplus = trim ? Math.max(0, running - keep) : 0;
  const summary =
    running < keep ? quotas.missing(keep - running) : surplus > 0 ? quotas.surplus(surplus) : quotas.complete;
  // What is old may be wrong: it is not shown as good.
  const state =
    severity.value === 'bad' && isStale.value
      ? 'quiet'
      : running < keep
        ? 'bad'
        : surplus > 0
          ? 'warn'
          : 'good';
  return (
    <section class={`lane ${level}`} aria-labelledby={`lane-${level}`}>
      <header>
        <h3 id={`lane-${level}`}>{lanes[level]}</h3>
        <span class="figure">{quotas.of(running, keep)}</span>
        <span class={`state ${state}`}>{summary}</span>
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
            {acts && <span class="quiet">{quotas.emptyTodo}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}

interface OthersProps {
  readonly status: StatusAnswer;
  readonly hasQuotas: boolean;
}

/** The containers that are in no place of a quota, the busiest first, and the way to all of them. */
function Others({ status, hasQuotas }: OthersProps) {
  const { quotas } = words();
  const inLanes = (one: ContainerRow): boolean =>
    hasQuotas &&
    countsForQuotas(one) &&
    LEVELS.some((level) => level === one.level && isInForce(status.quotas[level]));
  const others = status.containers.filter((one) => !inLanes(one));
  if (others.length === 0) return null;
  return (
    <section aria-labelledby="others">
      <h2 id="others">
        {hasQuotas ? quotas.others : quotas.noQuotas} <span class="quiet">{kindsOf(others)}</span>
      </h2>
      <BusiestContainers containers={others} most={hasQuotas ? BESIDE_QUOTAS : ALONE} />
      <p>
        <Link href="/containers">{quotas.all(digits(status.containers.length, 0))} →</Link>
      </p>
    </section>
  );
}

/** How many there are of each kind, in words. */
function kindsOf(containers: readonly ContainerRow[]): string {
  return [...Map.groupBy(containers, ({ kind }) => kind)]
    .map(([kind, { length }]) => `${words().quotas.kinds[kind]} ${digits(length, 0)}`)
    .join(' · ');
}

/** On a host that is only observed: what Vigía would do, one click away. */
function WouldDo({ status: { containers } }: { readonly status: StatusAnswer }) {
  const { would } = words();
  const isAllForeign = containers.every(({ kind }) => kind === 'foreign');
  const example = containers[0]?.name ?? 'web';
  return (
    <details class="card would">
      <summary>{would.title}</summary>
      <p>{would.observes}</p>
      <p>{isAllForeign ? would.foreign : kindsOf(containers)}</p>
      <p>{would.plan}</p>
      <Command text="sudo vigia plan" />
      <p>{would.manage}</p>
      <Command text={`sudo vigia manage ${quoted(example)}`} />
      <p>{would.protect}</p>
      <Command text={`sudo vigia protect ${quoted(example)}`} />
    </details>
  );
}

/** A name as a shell takes it literally. */
const quoted = (name: string): string =>
  /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
