import { containerCpuOverTime } from './container-cpu-over-time.ts';
import { containerDecisions } from './container-decisions.ts';
import { containerFacts } from './container-facts.ts';
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
  /** With a heading: in Grafana its panels are folded away, up to the next heading, until a viewer opens them. */
  readonly isFolded?: boolean;
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
  /** The heading that it is folded under; null when it is seen at once. */
  readonly foldedUnder: string | null;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Order: the host's health and the quotas, memory and who uses it, the decisions; all of that on the first screen. The
 * rest is folded away.
 */
export const containers: Dashboard = {
  id: 'contenedores',
  title: 'Contenedores',
  description:
    'La memoria del anfitrión, los contenedores en ejecución contra los requeridos, y qué se eliminó y por qué.',
  rows: [
    row(3, 6, [totalRam, freeRam, usedRam, hostCpu]),
    row(3, 6, [lowRunning, highRunning, removedTotal, sampleAge]),
    row(7, 8, [ramOverTime, topContainersRam, topContainersCpu]),
    {
      height: 8,
      cells: [
        { panel: removedOverTime, width: 8 },
        { panel: decisions, width: 16 },
      ],
    },
    {
      heading: 'Quién vive y cuánto usa',
      isFolded: true,
      ...row(9, 8, [runningOverTime, containersRamOverTime, containersCpuOverTime]),
    },
    row(14, 24, [containerLives]),
    row(10, 24, [containersNow]),
    row(9, 12, [limitUse, holds]),
  ],
};

/** What the links from other dashboards open. */
export const oneContainer: Dashboard = {
  id: 'un-contenedor',
  title: 'Un contenedor',
  description: 'La vida de un contenedor, aunque ya no exista: qué es, qué se decidió sobre él y cuánto usó.',
  rows: [
    row(4, 24, [containerFacts]),
    row(9, 12, [containerCpuOverTime, containerRamOverTime]),
    row(9, 24, [containerDecisions]),
    row(9, 8, [containerIoOverTime, containerNetworkOverTime, containerThrottledOverTime]),
  ],
};

export const systemProcesses: Dashboard = {
  id: 'procesos-del-sistema',
  title: 'Procesos del sistema',
  description: 'La memoria y la CPU del anfitrión y los procesos que las usan.',
  rows: [
    row(3, 6, [totalRam, freeRam, usedRam, hostCpu]),
    {
      height: 8,
      cells: [
        { panel: ramOverTime, width: 8 },
        { panel: topProcessesRam, width: 8 },
        { panel: topProcessesCpu, width: 8 },
      ],
    },
    {
      height: 8,
      cells: [
        { panel: processTotal, width: 4 },
        { panel: processStates, width: 8 },
        { panel: processesOverTime, width: 12 },
      ],
    },
    row(12, 24, [processesNow]),
    {
      heading: 'CPU, carga y presión',
      isFolded: true,
      ...row(9, 8, [hostCpuOverTime, loadOverTime, pressureOverTime]),
    },
  ],
};

export const ownCost: Dashboard = {
  id: 'vigia',
  title: 'Vigía',
  description: 'Lo que cuesta Vigía misma: tiempo por ciclo, memoria y base de datos.',
  rows: [row(9, 12, [daemonCostOverTime, daemonRamOverTime]), row(9, 12, [databaseSize, sampleAge])],
};

export const dashboards: readonly Dashboard[] = [containers, systemProcesses, oneContainer, ownCost];

/** All panels, each once even when several dashboards show it. */
export const panels: readonly Panel[] = [
  ...new Set(dashboards.flatMap(({ rows }) => rows.flatMap(({ cells }) => cells.map(({ panel }) => panel)))),
];

/** Places the rows below each other, each filled from the left. Headings take a line of their own. */
export function place<P extends Drawing>(dashboard: Dashboard<P>): readonly Placed<P>[] {
  const placed: Placed<P>[] = [];
  let y = 0;
  let foldedUnder: string | null = null;
  for (const { heading, isFolded, height, cells } of dashboard.rows) {
    if (heading !== undefined) {
      y += HEADING_HEIGHT;
      foldedUnder = isFolded ? heading : null;
    }
    let x = 0;
    for (const { panel, width } of cells) {
      placed.push({ panel, foldedUnder, x, y, width, height });
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
