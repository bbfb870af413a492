import type { PanelInfo } from '../../../daemon/src/show/api.ts';
import { language } from '../settings.ts';

/** Panels are written in Spanish, where Grafana reads them too. Here is their English; what is missing stays Spanish. */
const TITLES: Readonly<Record<string, string>> = {
  contenedores: 'Containers',
  'procesos-del-sistema': 'System processes',
  'total-ram': 'Total RAM',
  'free-ram': 'Free RAM',
  'used-ram': 'Used RAM',
  'host-cpu': 'Host CPU',
  'low-running': 'Low consumption (required: 3)',
  'high-running': 'High consumption (required: 2)',
  'removed-total': 'Containers removed',
  'sample-age': 'Age of the last sample',
  'ram-over-time': 'RAM use over time',
  'removed-over-time': 'Containers removed over time',
  'top-containers-ram': 'Top 5 containers by RAM',
  'top-containers-cpu': 'Top 5 containers by CPU',
  'running-over-time': 'Running against required',
  'containers-ram-over-time': 'RAM of containers by class',
  'containers-cpu-over-time': 'CPU of containers by class',
  removals: 'Removals and their reasons',
  'containers-now': 'Containers of the newest cycle',
  holds: 'Holds and faults',
  'process-total': 'Processes',
  'processes-over-time': 'Processes over time',
  'top-processes-ram': 'Top 5 processes by RAM',
  'top-processes-cpu': 'Top 5 processes by CPU',
  'process-states': 'Processes by state',
  'host-cpu-over-time': 'Host CPU over time',
  'pressure-over-time': 'Pressure on resources (PSI)',
  'processes-now': 'Processes of the newest cycle',
  decisions: 'Decisions and their reasons',
  'Quién vive y cuánto usa': 'Who lives, and uses how much',
  'container-lives': 'Lives of the containers',
  'limit-use': 'Use against limit',
  'container-cpu-over-time': "The container's CPU",
  'container-ram-over-time': "The container's RAM",
  'container-io-over-time': "The container's I/O",
  'container-network-over-time': "The container's network",
  'container-throttled-over-time': 'Throttling and pressure',
  'daemon-cost-over-time': "What the daemon's own cycle takes",
  'daemon-ram-over-time': "The daemon's own RAM",
  'database-size': 'Size of the database',
  'load-over-time': 'Load over time',
};

/** Columns, series and the few words that a column can hold. */
const LABELS: Readonly<Record<string, string>> = {
  'En uso': 'Used',
  Libre: 'Free',
  'Por intervalo': 'Per interval',
  Acumulados: 'Accumulated',
  'Bajo consumo': 'Low consumption',
  'Alto consumo': 'High consumption',
  'Sin clasificar': 'Unclassified',
  'Bajo requerido': 'Low required',
  'Alto requerido': 'High required',
  Hora: 'Time',
  Contenedor: 'Container',
  Clase: 'Class',
  Razón: 'Reason',
  Resultado: 'Outcome',
  Detalle: 'Detail',
  Tardó: 'Took',
  Gestión: 'Management',
  'Del límite': 'Of its limit',
  'RAM sin caché': 'RAM without cache',
  Frenado: 'Throttled',
  'Espera RAM': 'Waits for RAM',
  'Espera E/S': 'Waits for I/O',
  Procesos: 'Processes',
  Leído: 'Read',
  Escrito: 'Written',
  'Por qué esa clase': 'Why that class',
  Imagen: 'Image',
  Ciclo: 'Cycle',
  Qué: 'What',
  Estado: 'State',
  'En ejecución': 'Running',
  Bloqueados: 'Blocked',
  Zombis: 'Zombies',
  Promedio: 'Average',
  Máximo: 'Maximum',
  'Memoria, some': 'Memory, some',
  'Memoria, full': 'Memory, full',
  'E/S, full': 'I/O, full',
  Nombre: 'Name',
  Comando: 'Command',
  bajo: 'low',
  alto: 'high',
  ninguna: 'none',
  'sin clasificar': 'unclassified',
  protegido: 'protected',
  gestionado: 'managed',
  ajeno: 'foreign',
  hecho: 'done',
  omitido: 'skipped',
  falló: 'failed',
  'en espera': 'held',
  Acción: 'Action',
  eliminar: 'remove',
  iniciar: 'start',
  frenar: 'throttle',
  soltar: 'release',
};

/** Columns whose cells are words of ours, not names of strangers. */
const OURS = new Set(['Clase', 'Gestión', 'Resultado', 'Qué', 'Estado', 'Acción']);
/** Columns whose cells are reasons that the daemon recorded. */
export const REASONS = new Set(['Razón', 'Detalle', 'Por qué esa clase']);

const isEnglish = (): boolean => language.value === 'en';

export const titleOf = ({ id, title }: Pick<PanelInfo, 'id' | 'title'>): string =>
  isEnglish() ? (TITLES[id] ?? title) : title;

/** Descriptions are Spanish only. */
export const aboutOf = ({ description }: Pick<PanelInfo, 'description'>): string =>
  isEnglish() ? '' : description;

export const labelOf = (label: string): string => (isEnglish() ? (LABELS[label] ?? label) : label);

export const wordOf = (column: string, cell: string): string => (OURS.has(column) ? labelOf(cell) : cell);
