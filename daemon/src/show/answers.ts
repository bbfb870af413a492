import { arch, hostname, release, uptime } from 'node:os';
import type { Config } from '../model/config.ts';
import type { ContainerPolicy } from '../model/container-policy.ts';
import { dashboards, panels } from '../panels/dashboards.ts';
import { intervalMarks } from '../panels/interval-marks.ts';
import type { Panel } from '../panels/panel.ts';
import { bindRange } from '../panels/range.ts';
import { withEnglishReasons } from '../panels/reason-column.ts';
import { readContainerList } from '../record/container-list.ts';
import { readEngineEvents } from '../record/engine-events.ts';
import { readNetwork } from '../record/network.ts';
import {
  type ActionRow,
  type Database,
  findContainers,
  readEvents,
  readStatus,
  readStory,
  type Status,
  type Story,
} from '../record/queries.ts';
import { readProcesses, readProcessesOf, readRows } from '../record/queries-page.ts';
import type { Asked, Path } from './api.ts';
import { findCandidate, parseCandidates, rankOf } from './candidates.ts';
import { findings, type Vitals } from './health.ts';
import { serverClock } from './server-clock.ts';

/** A request that cannot be answered: what it names does not exist (404), or a parameter is wrong or missing (400). */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly status: 400 | 404;

  constructor(status: 400 | 404, message: string) {
    super(message);
    this.status = status;
  }
}

export interface AnswerContext {
  readonly db: Database;
  readonly config: Config;
  readonly nowSeconds: number;
}

/** The handler of each path of the API. The server validates what it returns against the path's schema. */
export const ANSWERS: { readonly [P in Path]: (asked: Asked<P>, context: AnswerContext) => unknown } = {
  '/api/status': (_, context) => {
    const { db, config } = context;
    const status = readStatus(db);
    const overall = overallOf(status, context);
    return {
      ...overall,
      system: overall.simulated
        ? null
        : { kernel: release(), architecture: arch(), uptime_seconds: Math.floor(uptime()) },
      cycle_seconds: config.cycleSeconds,
      database: config.database,
      quotas: config.quotas,
      ...status,
      network: readNetwork(db),
      actions: newestActions(db),
    };
  },
  '/api/health': (_, context) => {
    const status = readStatus(context.db);
    const overall = overallOf(status, context);
    return { ...overall, cycle_seconds: context.config.cycleSeconds, cycle: status.cycle };
  },
  '/api/containers': (_, { db }) => readContainerList(db),
  '/api/events': ({ from, to, ...filter }, { db }) =>
    readEvents(db, {
      ...defined(filter),
      limit: filter.limit,
      ...(from === undefined ? {} : { sinceSeconds: Math.floor(from / 1000) }),
      ...(to === undefined ? {} : { untilSeconds: Math.floor(to / 1000) }),
    }),
  '/api/panels': () => PANELS,
  '/api/panel/{id}': ({ id, from, to, container, language }, { db }) => {
    const panel = panels.find((one) => one.id === id);
    if (panel === undefined) throw new RequestError(404, `there is no panel ${id}: /api/panels lists them`);
    const sql = bindRange(inLanguage(panel.sql, language), from, to);
    if (!needsContainer(panel)) return readRows(db, sql);
    if (container === undefined)
      throw new RequestError(400, `panel ${id} is about one container: add container=<ID>`);
    return readRows(db, sql, { container });
  },
  '/api/marks': ({ from, to, language }, { db }) =>
    readRows(db, bindRange(inLanguage(intervalMarks.sql, language), from, to)),
  '/api/processes': (_, { db }) => readProcesses(db),
  '/api/container/{id}': ({ id }, { db, config }) => {
    const story = findStory(db, id);
    if (story === null)
      throw new RequestError(404, `no container ${id.slice(0, 12)} was ever seen, or it is no longer kept`);
    const { container, sample, actions, considered } = story;
    const candidate = findCandidate(parseCandidates(considered?.['candidates']), String(container['id']));
    return {
      container,
      policy: container.policy && effectivePolicy(container.policy, config),
      sample,
      actions: actions.map((action) => ({
        ...action,
        rank:
          action['kind'] === 'remove'
            ? rankOf(parseCandidates(action['candidates']), String(container['id']))
            : null,
      })),
      excluded:
        considered === null || candidate === undefined
          ? null
          : {
              tick: considered['tick'],
              at: considered['at'],
              share: candidate.share ?? null,
              excluded: candidate.excluded,
            },
      told: readEngineEvents(db, { limit: MOST_TOLD, container: String(container['id']) }).map(
        ({ at, kind, because }) => ({ at, kind, because }),
      ),
      processes: readProcessesOf(db, String(container['id'])),
    };
  },
};

function overallOf(status: Status, { db, config, nowSeconds }: AnswerContext) {
  const { now, isSimulated } = serverClock(db, nowSeconds);
  return {
    now,
    simulated: isSimulated,
    host_name: isSimulated ? null : hostname(),
    mode: config.mode,
    findings: findings(status as unknown as Vitals, config, now),
  };
}

/** The actions of the newest cycles that acted, no cycle cut short: of one that removed eleven, all eleven. */
function newestActions(db: Database): readonly ActionRow[] {
  const actions = readEvents(db, { limit: MOST_ACTIONS });
  const [first, last] = [actions[0]?.['tick'], actions.at(-1)?.['tick']];
  if (actions.length < MOST_ACTIONS || first === undefined) return actions;
  // The oldest cycle may be cut; where it is the only one, it is asked for as a whole.
  return first === last
    ? readEvents(db, { limit: MOST_IN_A_CYCLE, tick: Number(first) })
    : actions.filter((action) => action['tick'] !== last);
}

const [MOST_ACTIONS, MOST_IN_A_CYCLE] = [50, 500];

const MOST_TOLD = 50;

/** With the configuration's thresholds where the container has none of its own. */
const effectivePolicy = (policy: ContainerPolicy, { soft }: Config) => ({
  because: policy.because,
  allow: policy.allow,
  priority: policy.priority,
  cpu_percent: policy.cpuPercent ?? soft.cpuPercent,
  has_own_cpu_percent: policy.cpuPercent !== null,
  grace_seconds: policy.graceSeconds ?? soft.graceSeconds,
  has_own_grace_seconds: policy.graceSeconds !== null,
  expected_kb: policy.expectedKb,
  dependants: policy.dependants,
  warnings: policy.warnings,
});

const inLanguage = (sql: string, language: 'es' | 'en'): string =>
  language === 'en' ? withEnglishReasons(sql) : sql;

function findStory(db: Database, id: string): Story | null {
  const found = findContainers(db, id, 1)[0];
  return found === undefined ? null : readStory(db, String(found['id']));
}

const needsContainer = ({ sql }: Panel): boolean => sql.includes(':container');

const PANELS = {
  dashboards: dashboards.map(({ id, title, description, rows }) => ({
    id,
    title,
    description,
    rows: rows.map((row) => ({
      ...row,
      cells: row.cells.map(({ panel, width }) => ({ panel: panel.id, width })),
    })),
  })),
  panels: panels.map((panel) => ({ ...panel, container: needsContainer(panel) })),
};

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the keys that hold undefined. */
function defined<T extends object>(value: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(value).filter(([, it]) => it !== undefined)) as Partial<
    Defined<T>
  >;
}
