import { containerCpuOverTime } from './container-cpu-over-time.ts';
import { containerIoOverTime } from './container-io-over-time.ts';
import { containerLives } from './container-lives.ts';
import { containerNetworkOverTime } from './container-network-over-time.ts';
import { containerRamOverTime } from './container-ram-over-time.ts';
import { containerThrottledOverTime } from './container-throttled-over-time.ts';
import { containersCpuOverTime } from './containers-cpu-over-time.ts';
import { containersNow } from './containers-now.ts';
import { containersRamOverTime } from './containers-ram-over-time.ts';
import { daemonCostOverTime } from './daemon-cost-over-time.ts';
import { daemonRamOverTime } from './daemon-ram-over-time.ts';
import { databaseSize } from './database-size.ts';
import { decisions } from './decisions.ts';
import { freeRam } from './free-ram.ts';
import { highRunning } from './high-running.ts';
import { holds } from './holds.ts';
import { hostCpu } from './host-cpu.ts';
import { hostCpuOverTime } from './host-cpu-over-time.ts';
import { limitUse } from './limit-use.ts';
import { loadOverTime } from './load-over-time.ts';
import { lowRunning } from './low-running.ts';
import type { Drawing, Panel } from './panel.ts';
import { pressureOverTime } from './pressure-over-time.ts';
import { processStates } from './process-states.ts';
import { processTotal } from './process-total.ts';
import { processesNow } from './processes-now.ts';
import { processesOverTime } from './processes-over-time.ts';
import { ramOverTime } from './ram-over-time.ts';
import { removedOverTime } from './removed-over-time.ts';
import { removedTotal } from './removed-total.ts';
import { runningOverTime } from './running-over-time.ts';
import { sampleAge } from './sample-age.ts';
import { topContainersCpu } from './top-containers-cpu.ts';
import { topContainersRam } from './top-containers-ram.ts';
import { topProcessesCpu } from './top-processes-cpu.ts';
import { topProcessesRam } from './top-processes-ram.ts';
import { totalRam } from './total-ram.ts';
import { usedRam } from './used-ram.ts';

export const GRID_COLUMNS = 24;
export const HEADING_HEIGHT = 1;

export interface Dashboard<P extends Drawing = Panel> {
  /** Also the name of its JSON file and the last part of its address. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly Row<P>[];
}

export interface Row<P extends Drawing = Panel> {
  /** Shown above the row, where a section of the dashboard begins. */
  readonly heading?: string;
  readonly height: number;
  readonly cells: readonly Cell<P>[];
}

export interface Cell<P extends Drawing = Panel> {
  readonly panel: P;
  readonly width: number;
}

/** A panel and its place on the grid, in grid units. */
export interface Placed<P extends Drawing = Panel> {
  readonly panel: P;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Order: the host's health and the quotas, then the decisions, then what each container uses. */
export const containers: Dashboard = {
  id: 'contenedores',
  title: 'Contenedores',
  description:
    'La memoria del anfitrión, los contenedores en ejecución contra los requeridos, y qué se eliminó y por qué.',
  rows: [
    row(4, 3, [totalRam, freeRam, usedRam, hostCpu, lowRunning, highRunning, removedTotal, sampleAge]),
    row(9, 12, [ramOverTime, removedOverTime]),
    row(10, 12, [topContainersRam, topContainersCpu]),
    row(10, 24, [decisions]),
    {
      heading: 'Quién vive y cuánto usa',
      ...row(9, 8, [runningOverTime, containersRamOverTime, containersCpuOverTime]),
    },
    row(14, 24, [containerLives]),
    row(10, 24, [containersNow]),
    row(9, 12, [limitUse, holds]),
    { heading: 'Un contenedor', ...row(9, 12, [containerCpuOverTime, containerRamOverTime]) },
    row(9, 8, [containerIoOverTime, containerNetworkOverTime, containerThrottledOverTime]),
    { heading: 'Vigía', ...row(8, 8, [daemonCostOverTime, daemonRamOverTime, databaseSize]) },
  ],
};

export const systemProcesses: Dashboard = {
  id: 'procesos-del-sistema',
  title: 'Procesos del sistema',
  description: 'La memoria y la CPU del anfitrión y los procesos que las usan.',
  rows: [
    row(4, 4, [totalRam, freeRam, usedRam, hostCpu, processTotal, sampleAge]),
    row(9, 12, [ramOverTime, processesOverTime]),
    row(10, 8, [topProcessesRam, topProcessesCpu, processStates]),
    row(9, 8, [hostCpuOverTime, loadOverTime, pressureOverTime]),
    row(14, 24, [processesNow]),
  ],
};

export const dashboards: readonly Dashboard[] = [containers, systemProcesses];

/** All panels, each once even when several dashboards show it. */
export const panels: readonly Panel[] = [
  ...new Set(dashboards.flatMap(({ rows }) => rows.flatMap(({ cells }) => cells.map(({ panel }) => panel)))),
];

/** Places the rows below each other, each filled from the left. Headings take a line of their own. */
export function place<P extends Drawing>(dashboard: Dashboard<P>): readonly Placed<P>[] {
  const placed: Placed<P>[] = [];
  let y = 0;
  for (const { heading, height, cells } of dashboard.rows) {
    if (heading !== undefined) y += HEADING_HEIGHT;
    let x = 0;
    for (const { panel, width } of cells) {
      placed.push({ panel, x, y, width, height });
      x += width;
    }
    y += height;
  }
  return placed;
}

/** The headings, each with the `y` of its own line on the grid. */
export function headings(
  dashboard: Dashboard<Drawing>,
): readonly { readonly text: string; readonly y: number }[] {
  const found: { text: string; y: number }[] = [];
  let y = 0;
  for (const { heading, height } of dashboard.rows) {
    if (heading !== undefined) {
      found.push({ text: heading, y });
      y += HEADING_HEIGHT;
    }
    y += height;
  }
  return found;
}

/** A row of panels of the same width. */
export function row<P extends Drawing>(height: number, width: number, panels: readonly P[]): Row<P> {
  return { height, cells: panels.map((panel) => ({ panel, width })) };
}
