import type { Config } from '../model/config.ts';
import type { Kind } from '../model/container-policy.ts';
import type { Metrics } from '../record/metrics-queries.ts';
import type { Value } from '../record/queries.ts';
import { ACTION_KINDS } from './action-kinds.ts';

/** One metric with all its series. Labels have fixed values, so the number of containers adds no series. */
interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly series: readonly Series[];
}
type Series = readonly [labels: Readonly<Record<string, string>>, value: Value | undefined, factor?: number];

export interface MetricsFormat {
  readonly contentType: string;
  readonly isOpenMetrics: boolean;
}

/** OpenMetrics if the Accept header asks for it, as Prometheus does; otherwise the older text format. */
export function metricsFormat(accept: string | undefined): MetricsFormat {
  const isOpenMetrics = accept?.includes('application/openmetrics-text') ?? false;
  const type = isOpenMetrics ? 'application/openmetrics-text; version=1.0.0' : 'text/plain; version=0.0.4';
  return { contentType: `${type}; charset=utf-8`, isOpenMetrics };
}

export function renderMetrics(metrics: Metrics, config: Config, { isOpenMetrics }: MetricsFormat): string {
  const text = familiesOf(metrics, config)
    .map((family) => render(family, isOpenMetrics))
    .join('');
  return isOpenMetrics ? `${text}# EOF\n` : text;
}

const LEVELS = ['low', 'high', 'unknown'];
const KINDS = ['disposable', 'service', 'foreign', 'protected'] as const satisfies readonly Kind[];
const RESULTS = ['done', 'skipped', 'failed'];
const KIB = 1024;
const FROM_PERCENT = 0.01;
const FROM_MS = 0.001;

function familiesOf(metrics: Metrics, config: Config): Family[] {
  const { cycle, host, disks, classes, kinds, setAside, totals, blindSensors, databaseBytes } = metrics;
  const total = (kind: string, result = '') =>
    totals.find((row) => row['kind'] === kind && row['result'] === result)?.['value'] ?? 0;
  const ofClass = (column: string, factor: number): Series[] =>
    LEVELS.map((level) => [
      { class: level },
      cycle && (classes.find((row) => row['level'] === level)?.[column] ?? 0),
      factor,
    ]);
  const gauge = (name: string, help: string, series: readonly Series[]): Family => ({
    name,
    type: 'gauge',
    help,
    series,
  });
  const counter = (name: string, help: string, series: readonly Series[]): Family => ({
    name,
    type: 'counter',
    help,
    series,
  });
  return [
    gauge('vigia_info', 'Mode and sensor of this daemon.', [
      [{ mode: config.mode, sensor: String(cycle?.['sensor'] ?? 'none') }, 1],
    ]),
    gauge('vigia_last_cycle_timestamp_seconds', 'Time of the newest cycle.', [[{}, cycle?.['at']]]),
    gauge('vigia_cycle_interval_seconds', 'Configured time between two cycles.', [[{}, config.cycleSeconds]]),
    counter('vigia_cycles', 'Cycles since the database was created.', [[{}, total('cycle')]]),
    counter('vigia_holds', 'Cycles without an action, for any reason.', [[{}, total('hold')]]),
    counter('vigia_faults', 'Sensor readings that failed, in whole or in part.', [[{}, total('fault')]]),
    gauge('vigia_blind_sensors', 'Sensors that the newest cycle could not read, so that it did not act.', [
      [{}, cycle && blindSensors],
    ]),
    counter('vigia_notices', 'Notices about containers that their owner should know.', [
      [{}, total('notice')],
    ]),
    gauge('vigia_containers_set_aside', 'Containers whose last three removals failed, in ten minutes.', [
      [{}, cycle && setAside],
    ]),
    counter(
      'vigia_actions',
      'Planned actions, by kind and result.',
      ACTION_KINDS.flatMap((kind) =>
        RESULTS.map((result): Series => [{ kind, result }, total(kind, result)]),
      ),
    ),
    gauge(
      'vigia_containers',
      'Disposable running containers by class, after the newest cycle.',
      LEVELS.map((level) => [{ class: level }, cycle?.[`${level}_after`]]),
    ),
    gauge(
      'vigia_containers_by_kind',
      'Running containers by kind.',
      KINDS.map((kind) => [{ kind }, cycle && (kinds.find((row) => row['kind'] === kind)?.['count'] ?? 0)]),
    ),
    gauge('vigia_containers_required', 'Quota: containers of a class that always run.', [
      [{ class: 'low' }, config.quotas.low.keep],
      [{ class: 'high' }, config.quotas.high.keep],
    ]),
    gauge(
      'vigia_containers_memory_bytes',
      'RSS of the disposable containers of a class.',
      ofClass('rss_kb', KIB),
    ),
    gauge(
      'vigia_containers_cpu_cores',
      'Cores that the disposable containers of a class use.',
      ofClass('cpu_percent', FROM_PERCENT),
    ),
    gauge('vigia_host_memory_total_bytes', 'RAM of the host.', [[{}, host?.['total_kb'], KIB]]),
    gauge('vigia_host_memory_available_bytes', 'Available RAM, reclaimable page cache included.', [
      [{}, host?.['available_kb'], KIB],
    ]),
    gauge('vigia_host_cpu_cores', 'Cores that the whole host uses.', [
      [{}, host?.['cpu_percent'], FROM_PERCENT],
    ]),
    ...(
      [
        ['vigia_disk_total_bytes', 'Size of a file system, without what only root may use.', 'total_kb', KIB],
        ['vigia_disk_available_bytes', 'What is free of it.', 'available_kb', KIB],
        ['vigia_disk_free_inodes', 'Its free inodes.', 'free_inodes', 1],
        ['vigia_disk_full_seconds', 'When it will be full; missing without a trend.', 'full_in_hours', 3600],
      ] as const
    ).map(([name, help, column, factor]) =>
      gauge(
        name,
        help,
        disks.map((row): Series => [{ holds: String(row['holds']) }, row[column], factor]),
      ),
    ),
    gauge('vigia_host_load1', 'Load average over one minute.', [[{}, host?.['load1']]]),
    gauge(
      'vigia_host_pressure_ratio',
      'PSI over 10 s: the share of time in which some, or all, tasks waited.',
      [
        [{ resource: 'memory', share: 'full' }, host?.['memory_full_avg10'], FROM_PERCENT],
        [{ resource: 'memory', share: 'some' }, host?.['memory_some_avg10'], FROM_PERCENT],
        [{ resource: 'io', share: 'full' }, host?.['io_full_avg10'], FROM_PERCENT],
        [{ resource: 'cpu', share: 'some' }, host?.['cpu_some_avg10'], FROM_PERCENT],
      ],
    ),
    gauge(
      'vigia_cycle_stage_seconds',
      'How long each stage of the newest cycle took.',
      ['sense', 'decide', 'act'].map((stage) => [{ stage }, cycle?.[`${stage}_ms`], FROM_MS]),
    ),
    gauge('vigia_loop_memory_bytes', "The loop's own RSS.", [[{}, cycle?.['rss_kb'], KIB]]),
    gauge('vigia_database_bytes', 'Size of the database.', [[{}, databaseBytes]]),
  ];
}

/**
 * Unknown values have no series, since 0 would be a value. In OpenMetrics only the samples of a counter have a suffix.
 */
function render({ name, type, help, series }: Family, isOpenMetrics: boolean): string {
  const known = series.filter(([, value]) => value !== null && value !== undefined);
  if (known.length === 0) return '';
  const sample = type === 'counter' ? `${name}_total` : name;
  const family = isOpenMetrics ? name : sample;
  const lines = known.map(([labels, value, factor = 1]) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    return `${sample}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${Number(value) * factor}`;
  });
  return `# HELP ${family} ${help}\n# TYPE ${family} ${type}\n${lines.join('\n')}\n`;
}
