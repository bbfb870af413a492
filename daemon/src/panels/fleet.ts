import type { Action } from '../model/decision.ts';
import { type Dashboard, row } from './dashboards.ts';
import type { Drawing, Threshold } from './panel.ts';

/**
 * A panel about many hosts, asked of Prometheus. dashboards/fleet/rules.yaml defines the series `job:…` and
 * `instance:…`.
 */
export interface FleetPanel extends Drawing {
  /**
   * Shapes of the answers:
   * - `stat`: at most one series;
   * - `line`, `bar`, `pie`: named series; `{{label}}` in `legend` is replaced by the series' label;
   * - `table`: one series per row; its cells are the labels in `labels` and the value.
   *
   * `$host` is replaced by the `instance` of the chosen host.
   */
  readonly queries: readonly { readonly promql: string; readonly legend: string }[];
  /** Tables: the column title of each label, in order. The value is the last column. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Green at 0, red above. */
const NONE_IS_WELL: readonly Threshold[] = [
  { from: null, colour: 'green' },
  { from: 1, colour: 'red' },
];
const PLAIN: readonly Threshold[] = [{ from: null, colour: 'blue' }];
const MEMORY: readonly Threshold[] = [
  { from: null, colour: 'green' },
  { from: 85, colour: 'yellow' },
  { from: 95, colour: 'red' },
];

/** Length of the list of the fullest hosts: it must not grow with the fleet. */
const GREATEST = 20;

function stat(
  id: string,
  title: string,
  promql: string,
  description: string,
  thresholds = NONE_IS_WELL,
): FleetPanel {
  return {
    id,
    title,
    description,
    kind: 'stat',
    unit: 'count',
    decimals: 0,
    thresholds,
    queries: [{ promql, legend: title }],
  };
}

const troubles: readonly FleetPanel[] = [
  stat('hosts', 'Equipos', 'sum(job:vigia_hosts:count)', 'Los que Prometheus lee o intenta leer.', PLAIN),
  stat(
    'hosts-down',
    'No responden',
    'sum(job:vigia_hosts:count) - sum(job:vigia_hosts_up:sum)',
    'Su página no respondió a la última lectura.',
  ),
  stat(
    'hosts-below-floor',
    'Con faltantes',
    'sum(job:vigia_hosts_below_floor:count)',
    'Equipos en los que una clase está por debajo de su cuota.',
  ),
  stat(
    'hosts-stopped',
    'Vigía detenido',
    'sum(job:vigia_hosts_stopped:sum)',
    'La página responde, pero faltan más de tres ciclos.',
  ),
  stat(
    'hosts-blind',
    'A ciegas',
    'sum(job:vigia_hosts_blind:count)',
    'Un sensor o Docker no responde: Vigía espera.',
  ),
  stat(
    'hosts-set-aside',
    'No se eliminan',
    'sum(job:vigia_hosts_set_aside:count)',
    'Equipos con contenedores que falló eliminar tres veces seguidas.',
  ),
  stat(
    'containers-running',
    'Contenedores',
    'sum(job:vigia_containers:sum)',
    'Desechables y en ejecución, en toda la flota.',
    PLAIN,
  ),
  stat(
    'alerts-firing',
    'Alertas',
    'count(ALERTS{alertname=~"Vigia.*",alertstate="firing"}) or 0 * sum(job:vigia_hosts:count)',
    'Las que están activas ahora; abajo, una por una.',
  ),
];

const alertsFiring: FleetPanel = {
  id: 'alerts-firing-now',
  title: 'Alertas activas',
  description: 'De cada una, desde hace cuánto se cumple su condición. Vacía: no hay ninguna.',
  kind: 'table',
  unit: 'text',
  columns: { Alerta: 'text', Equipo: 'text', Gravedad: 'text', 'Desde hace': 'seconds' },
  labels: { alertname: 'Alerta', instance: 'Equipo', severity: 'Gravedad' },
  queries: [
    {
      promql: `topk(100, max by (alertname, instance, severity) (
  (time() - ALERTS_FOR_STATE{alertname=~"Vigia.*"})
    and ignoring (alertstate) ALERTS{alertname=~"Vigia.*",alertstate="firing"}
))`,
      legend: 'Desde hace',
    },
  ],
};

const hostsOverTime: FleetPanel = {
  id: 'hosts-over-time',
  title: 'Equipos a lo largo del tiempo',
  description: 'Los que hay, los que responden, y los que tienen algo que atender.',
  kind: 'line',
  unit: 'count',
  decimals: 0,
  dashed: ['Todos'],
  queries: [
    { promql: 'sum(job:vigia_hosts:count)', legend: 'Todos' },
    { promql: 'sum(job:vigia_hosts_up:sum)', legend: 'Responden' },
    { promql: 'sum(job:vigia_hosts_below_floor:count)', legend: 'Con faltantes' },
    { promql: 'sum(job:vigia_hosts_stopped:sum)', legend: 'Vigía detenido' },
    { promql: 'sum(job:vigia_hosts_blind:count)', legend: 'A ciegas' },
  ],
};

const containersOverTime: FleetPanel = {
  id: 'fleet-containers-over-time',
  title: 'Contenedores de la flota',
  description: 'Desechables y en ejecución, por clase, contra la suma de lo requerido en cada equipo.',
  kind: 'line',
  unit: 'count',
  decimals: 0,
  dashed: ['Bajo requerido', 'Alto requerido'],
  queries: [
    { promql: 'sum(job:vigia_containers:sum{class="low"})', legend: 'Bajo consumo' },
    { promql: 'sum(job:vigia_containers:sum{class="high"})', legend: 'Alto consumo' },
    { promql: 'sum(job:vigia_containers:sum{class="unknown"})', legend: 'Sin clasificar' },
    { promql: 'sum(job:vigia_containers_required:sum{class="low"})', legend: 'Bajo requerido' },
    { promql: 'sum(job:vigia_containers_required:sum{class="high"})', legend: 'Alto requerido' },
  ],
};

const ACTIONS = {
  remove: 'Eliminar',
  start: 'Iniciar',
  throttle: 'Frenar',
  squeeze: 'Limitar memoria',
  'limit-pids': 'Limitar procesos',
  'limit-io': 'Limitar E/S',
  release: 'Soltar',
  restart: 'Reiniciar',
  stop: 'Detener',
  kill: 'Matar',
} as const satisfies Record<Action['kind'], string>;

const actionsOverTime: FleetPanel = {
  id: 'actions-over-time',
  title: 'Acciones por minuto',
  description: 'Hechas y comprobadas en toda la flota, media de cinco minutos.',
  kind: 'line',
  unit: 'count',
  decimals: 1,
  stacked: true,
  queries: Object.entries(ACTIONS).map(([kind, legend]) => ({
    promql: `60 * sum(job:vigia_actions:rate5m{kind="${kind}",result="done"})`,
    legend,
  })),
};

const troubleOverTime: FleetPanel = {
  id: 'trouble-over-time',
  title: 'Fallos por minuto',
  description: 'Acciones que fallaron o se omitieron al mirar otra vez, y lecturas que fallaron.',
  kind: 'line',
  unit: 'count',
  decimals: 1,
  queries: [
    { promql: '60 * sum(job:vigia_actions:rate5m{result="failed"})', legend: 'Acciones que fallaron' },
    { promql: '60 * sum(job:vigia_actions:rate5m{result="skipped"})', legend: 'Acciones omitidas' },
    { promql: '60 * sum(job:vigia_faults:rate5m)', legend: 'Lecturas que fallaron' },
  ],
};

const memoryOverTime: FleetPanel = {
  id: 'fleet-memory-over-time',
  title: 'RAM en uso en la flota',
  description: 'De la RAM de todos los equipos juntos, y del que más usa.',
  kind: 'line',
  unit: 'percent',
  max: 100,
  queries: [
    {
      promql:
        '100 * (1 - sum(job:vigia_host_memory_available_bytes:sum) / sum(job:vigia_host_memory_total_bytes:sum))',
      legend: 'Toda la flota',
    },
    { promql: '100 * max(job:vigia_memory_used:max)', legend: 'El equipo que más usa' },
  ],
};

const fullest: FleetPanel = {
  id: 'fullest-hosts',
  title: `Los ${GREATEST} equipos con más RAM en uso`,
  description: 'En la última lectura.',
  kind: 'bar',
  unit: 'percent',
  decimals: 1,
  max: 100,
  thresholds: MEMORY,
  queries: [{ promql: `topk(${GREATEST}, 100 * instance:vigia_memory_used:ratio)`, legend: '{{instance}}' }],
};

const sensors: FleetPanel = {
  id: 'hosts-by-sensor',
  title: 'Equipos por sensor',
  description:
    'kernel: los módulos; bpf: el iterador BPF, donde no se pudieron cargar; procfs: /proc, donde tampoco; none: todavía sin ciclos.',
  kind: 'pie',
  unit: 'count',
  queries: [{ promql: 'sum by (sensor) (job:vigia_hosts_by_sensor:count)', legend: '{{sensor}}' }],
};

const slowest: FleetPanel = {
  id: 'slowest-cycle',
  title: 'El ciclo más lento',
  description: 'Leer, decidir y actuar, en el equipo que más tarda.',
  kind: 'line',
  unit: 'seconds',
  queries: [{ promql: 'max(job:vigia_cycle_seconds:max)', legend: 'Ciclo' }],
};

const largest: FleetPanel = {
  id: 'largest-database',
  title: 'La base de datos más grande',
  description: 'Se estabiliza por debajo de 1 GB.',
  kind: 'line',
  unit: 'bytes',
  queries: [{ promql: 'max(job:vigia_database_bytes:max)', legend: 'Base de datos' }],
};

const hostContainers: FleetPanel = {
  id: 'host-containers',
  title: 'Contenedores del equipo',
  description: 'Por clase, contra lo requerido.',
  kind: 'line',
  unit: 'count',
  decimals: 0,
  dashed: ['Bajo requerido', 'Alto requerido'],
  queries: [
    { promql: 'vigia_containers{instance="$host",class="low"}', legend: 'Bajo consumo' },
    { promql: 'vigia_containers{instance="$host",class="high"}', legend: 'Alto consumo' },
    { promql: 'vigia_containers{instance="$host",class="unknown"}', legend: 'Sin clasificar' },
    { promql: 'vigia_containers_required{instance="$host",class="low"}', legend: 'Bajo requerido' },
    { promql: 'vigia_containers_required{instance="$host",class="high"}', legend: 'Alto requerido' },
  ],
};

const hostMemory: FleetPanel = {
  id: 'host-memory',
  title: 'RAM del equipo',
  description: 'En uso, y cuánta es de contenedores desechables.',
  kind: 'line',
  unit: 'bytes',
  dashed: ['Total'],
  queries: [
    {
      promql:
        'vigia_host_memory_total_bytes{instance="$host"} - vigia_host_memory_available_bytes{instance="$host"}',
      legend: 'En uso',
    },
    { promql: 'sum(vigia_containers_memory_bytes{instance="$host"})', legend: 'Contenedores desechables' },
    { promql: 'vigia_host_memory_total_bytes{instance="$host"}', legend: 'Total' },
  ],
};

const hostPressure: FleetPanel = {
  id: 'host-pressure',
  title: 'Presión del equipo (PSI)',
  description: 'Parte del tiempo en que alguna tarea (some), o todas (full), esperaban.',
  kind: 'line',
  unit: 'percent',
  queries: [
    { promql: '100 * vigia_host_pressure_ratio{instance="$host"}', legend: '{{resource}} ({{share}})' },
  ],
};

/** Order: the hosts that need attention, then the whole fleet, then one host. */
export const fleet: Dashboard<FleetPanel> = {
  id: 'flota',
  title: 'Flota',
  description: 'Todos los equipos con Vigía: cuáles piden atención, qué hace la flota, y un equipo de cerca.',
  rows: [
    row(3, 6, troubles.slice(0, 4)),
    row(3, 6, troubles.slice(4)),
    row(9, 24, [alertsFiring]),
    row(9, 12, [hostsOverTime, containersOverTime]),
    row(9, 12, [actionsOverTime, troubleOverTime]),
    row(11, 8, [memoryOverTime, fullest, sensors]),
    { heading: 'Vigía', ...row(8, 12, [slowest, largest]) },
    { heading: 'Un equipo', ...row(9, 8, [hostContainers, hostMemory, hostPressure]) },
  ],
};
