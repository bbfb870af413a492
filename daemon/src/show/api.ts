import * as v from 'valibot';
import type { ShownKind } from '../words/catalogue.ts';
import { ACTION_KINDS } from './action-kinds.ts';

/**
 * The API between the page and the server: every path, its parameters and its answer. The page imports only the types;
 * the server validates requests and answers with these schemas and derives the OpenAPI document from them. Times are
 * epoch seconds in answers, as in the database, and epoch milliseconds in the parameters of a range.
 */

const number = v.number();
const text = v.string();
const maybe = { number: v.nullable(v.number()), text: v.nullable(v.string()) };
/** A reason as data: its code and the parameters of its sentence (model/reason.ts lists them). */
const reason = v.looseObject({ code: text });
const cell = v.nullable(v.union([v.string(), v.number()]));

const whole = (least: number, most: number) => {
  const rule = `a whole number from ${least} to ${most}`;
  return v.pipe(
    v.string(),
    v.regex(/^-?\d{1,16}$/, rule),
    v.transform(Number),
    v.number(),
    v.minValue(least, rule),
    v.maxValue(most, rule),
  );
};
const moment = whole(0, 8_640_000_000_000_000);
const phrase = v.pipe(v.string(), v.maxLength(200, 'at most 200 characters'));
const containerId = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{12,64}$/, "a container's ID, or at least its first 12 of 0-9 a-f"),
);
const panelId = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/, 'an id from /api/panels'));

const LEVELS = ['low', 'high', 'unknown'] as const;
const level = v.picklist(LEVELS, `one of ${LEVELS.join(', ')}`);
/** What kind of container it is. `managed`: recorded by an earlier version, which knew no more. */
const CONTAINER_KINDS = [
  'disposable',
  'service',
  'managed',
  'foreign',
  'protected',
] as const satisfies readonly ShownKind[];
const containerKind = v.picklist(CONTAINER_KINDS);
/** Limits that Vigía set; null where there is none of its own. CPU in percent of one core, I/O in MiB/s. */
const limits = {
  cpu_limited_to: maybe.number,
  squeezed_to_kb: maybe.number,
  pids_limited_to: maybe.number,
  io_limited_to: maybe.number,
};
const RESULTS = ['done', 'skipped', 'failed'] as const;

const Cycle = v.object({
  tick: number,
  at: number,
  sensor: text,
  plan: text,
  because: v.nullable(reason),
  low_before: number,
  high_before: number,
  unknown_before: number,
  low_after: number,
  high_after: number,
  unknown_after: number,
  removed: number,
  started: number,
  sense_ms: number,
  decide_ms: number,
  act_ms: number,
  rss_kb: number,
});

const Host = v.object({
  at: number,
  cpus: number,
  total_kb: number,
  free_kb: number,
  available_kb: number,
  used_kb: number,
  cpu_percent: maybe.number,
  load1: maybe.number,
  memory_full_avg10: maybe.number,
  memory_some_avg10: maybe.number,
  io_full_avg10: maybe.number,
  cpu_some_avg10: maybe.number,
  process_total: maybe.number,
});

const Container = v.looseObject({
  id: text,
  name: text,
  image: text,
  managed: number,
  protected: number,
  kind: containerKind,
  declared_class: maybe.text,
  pid: maybe.number,
  level,
  because: reason,
  cpu_percent: maybe.number,
  rss_kb: number,
  mem_percent: number,
  process_count: number,
  first_seen: number,
  /** How long its first process has run. */
  run_seconds: maybe.number,
  removed_at: maybe.number,
  ...limits,
});

const Event = v.object({
  id: number,
  tick: number,
  at: number,
  kind: text,
  level: maybe.text,
  result: text,
  name: text,
  container_id: maybe.text,
  because: reason,
  detail: reason,
  took_ms: number,
});

/** A container's place among the candidates of a cycle, and the next candidate. Shares are 0 to 1, of the host. */
const Rank = v.object({
  rank: number,
  chosen: number,
  candidates: number,
  share: maybe.number,
  next: v.nullable(v.object({ name: text, share: maybe.number, excluded: v.nullable(reason) })),
});

const Fault = v.object({ at: number, sensor: text, message: reason, blind: number });

/** Something that is wrong. `figure` and `limit` are in the unit that the code implies. */
const Finding = v.object({
  severity: v.picklist(['bad', 'warn']),
  code: v.picklist([
    'stopped',
    'clock-back',
    'blind',
    'below-quota',
    'above-quota',
    'memory-short',
    'memory-tight',
    'memory-stalls',
    'fault',
    'set-aside',
    'notice',
    'not-enforcing',
  ]),
  subject: maybe.text,
  /** The reason of a fault or a notice; null for other findings. */
  reason: v.nullable(reason),
  /** When a notice began. */
  at: maybe.number,
  figure: maybe.number,
  limit: maybe.number,
});

const quota = v.object({ keep: number, trim: v.boolean(), images: v.array(text) });

/** What every view shows of the host. */
const overall = {
  /** The server's clock; of a simulated record its newest cycle. */
  now: number,
  simulated: v.boolean(),
  /** null for a simulated record. */
  host_name: maybe.text,
  mode: text,
  findings: v.array(Finding),
};

const Health = v.object({
  ...overall,
  cycle_seconds: number,
  cycle: v.nullable(v.object({ tick: number, at: number })),
});

/** The machine that the server runs on. */
const System = v.object({ kernel: text, architecture: text, uptime_seconds: number });

const Disk = v.object({
  holds: v.picklist(['engine', 'record']),
  path: text,
  total_kb: number,
  available_kb: number,
  full_in_hours: maybe.number,
});

const Status = v.object({
  ...overall,
  /** null for a simulated record. */
  system: v.nullable(System),
  cycle_seconds: number,
  database: text,
  quotas: v.object({ low: quota, high: quota }),
  cycle: v.nullable(Cycle),
  host: v.nullable(Host),
  disks: v.array(Disk),
  /** Of all containers together, in bytes per second. */
  network: v.nullable(v.object({ received: maybe.number, sent: maybe.number })),
  /** Those that run after the newest cycle. */
  containers: v.array(Container),
  /** The newest ones, no cycle cut short. */
  actions: v.array(Event),
  faults: v.array(Fault),
  /** What people should know, of the hour before the newest cycle, the newest first. */
  notices: v.array(Fault),
});

/** A container in the list of all; network rates in bytes per second. */
const Listed = v.object({
  id: text,
  name: text,
  image: text,
  kind: containerKind,
  level,
  state: v.picklist(['running', 'ended', 'removed']),
  /** Of its Compose service. */
  project: maybe.text,
  compose: maybe.text,
  /** How long it has run, or ran. */
  seconds: number,
  last_seen: number,
  cpu_percent: maybe.number,
  rss_kb: maybe.number,
  mem_percent: maybe.number,
  memory_used_kb: maybe.number,
  memory_limit_kb: maybe.number,
  process_count: maybe.number,
  received: maybe.number,
  sent: maybe.number,
  ...limits,
  /** Remedies that its policy allows; null in the records of earlier versions. */
  allow: v.nullable(v.array(text)),
  /** The newest action on it. */
  last: v.nullable(v.object({ kind: text, result: text, at: number, because: v.nullable(reason) })),
  /** CPU of its samples of the last ten minutes, the oldest first. */
  trend: v.array(maybe.number),
});

const unit = v.picklist([
  'kib',
  'bytes',
  'bytesPerSecond',
  'percent',
  'count',
  'seconds',
  'milliseconds',
  'text',
  'time',
]);

const Panel = v.object({
  id: text,
  title: text,
  description: text,
  /** stat, line, pie, bar, table, timeline; the page shows an unknown kind as a table. */
  kind: text,
  unit,
  decimals: v.optional(number),
  thresholds: v.optional(v.array(v.object({ from: maybe.number, colour: text }))),
  columns: v.optional(v.record(text, unit)),
  /** The column that holds the beginning of a container's ID. */
  containerColumn: v.optional(text),
  /** Timelines: the colour of each state. */
  states: v.optional(v.record(text, text)),
  stacked: v.optional(v.boolean()),
  max: v.optional(number),
  rightAxis: v.optional(v.array(text)),
  dashed: v.optional(v.array(text)),
  /** Whether the panel needs the parameter `container`. */
  container: v.boolean(),
});

const Panels = v.object({
  dashboards: v.array(
    v.object({
      id: text,
      title: text,
      description: text,
      rows: v.array(
        v.object({
          heading: v.optional(text),
          height: number,
          cells: v.array(v.object({ panel: text, width: number })),
        }),
      ),
    }),
  ),
  panels: v.array(Panel),
});

/** Rows as arrays, in the order of the columns. */
const Rows = v.object({ columns: v.array(text), rows: v.array(v.array(cell)) });

const Process = v.object({
  pid: number,
  name: text,
  cmdline: maybe.text,
  state: text,
  uid: number,
  cpu_percent: number,
  vsz_kb: number,
  rss_kb: number,
  mem_percent: number,
  io_read_bytes: maybe.number,
  io_write_bytes: maybe.number,
  container_id: maybe.text,
  container: maybe.text,
});

const Processes = v.object({
  at: maybe.number,
  total: maybe.number,
  states: v.array(v.object({ state: text, count: number })),
  processes: v.array(Process),
});

/** What Vigía may do to a container, resolved from the configuration and its labels. */
const Policy = v.object({
  /** Which label or which entry of the configuration made it of its kind. */
  because: reason,
  /** Remedies: throttle, squeeze, restart, stop, kill. */
  allow: v.array(text),
  priority: number,
  /** In force: its own, or the configuration's. CPU in percent of one core. */
  cpu_percent: number,
  has_own_cpu_percent: v.boolean(),
  grace_seconds: number,
  has_own_grace_seconds: v.boolean(),
  expected_kb: maybe.number,
  dependants: v.array(text),
  /** Labels that make no sense, each read in the stricter way. */
  warnings: v.array(reason),
});

const Life = v.object({
  id: text,
  name: text,
  image: text,
  managed: number,
  protected: number,
  kind: containerKind,
  declared_class: maybe.text,
  pid: maybe.number,
  level,
  first_seen: number,
  last_seen: number,
  removed_at: maybe.number,
  removed_because: v.nullable(reason),
  peak_rss_kb: number,
  peak_mem_percent: number,
  peak_cpu_percent: maybe.number,
});

const Story = v.object({
  container: Life,
  /** null in the records of earlier versions. */
  policy: v.nullable(Policy),
  sample: v.nullable(
    v.object({
      at: number,
      level,
      because: reason,
      cpu_percent: maybe.number,
      rss_kb: number,
      mem_percent: number,
      /** Memory that would come back if it ended: its class is by this figure. */
      memory_used_kb: maybe.number,
      ...limits,
    }),
  ),
  actions: v.array(
    v.object({
      tick: number,
      at: number,
      kind: text,
      level: maybe.text,
      because: reason,
      result: text,
      detail: reason,
      took_ms: number,
      /** null for any action but a removal. */
      rank: v.nullable(Rank),
    }),
  ),
  /** The newest cycle that had it as a candidate, and why it was not selected. */
  excluded: v.nullable(
    v.object({ tick: number, at: number, share: maybe.number, excluded: v.nullable(reason) }),
  ),
  /** What the engine told of it, the newest first. `because` of `die` and `oom`: who or what caused it. */
  told: v.array(v.object({ at: number, kind: text, because: reason })),
  /** Its processes in the newest cycle that are among the largest of the host. */
  processes: v.array(Process),
});

const range = { from: moment, to: moment };
/** The language of the reasons in the rows; the other texts are Spanish, and the page translates them. */
const language = v.optional(v.picklist(['es', 'en'], 'one of es, en'), 'es');

/** The routes, all GET and read-only. Braces in a path name a parameter. */
export const ROUTES = {
  '/api/status': { about: 'The newest cycle, and what is wrong', takes: v.object({}), answers: Status },
  '/api/health': {
    about: 'Which host this is, how old its newest cycle is, and what is wrong',
    takes: v.object({}),
    answers: Health,
  },
  '/api/containers': {
    about: 'Every container of the newest cycle, and those that ended within the hour before it',
    takes: v.object({}),
    answers: v.object({ at: maybe.number, containers: v.array(Listed) }),
  },
  '/api/events': {
    about: 'Actions, the newest first, each with its reason and outcome',
    takes: v.object({
      limit: v.optional(whole(1, 1000), '100'),
      from: v.optional(moment),
      to: v.optional(moment),
      kind: v.optional(v.picklist(ACTION_KINDS, `one of ${ACTION_KINDS.join(', ')}`)),
      level: v.optional(v.picklist(['low', 'high', 'none'], 'one of low, high, none')),
      result: v.optional(v.picklist(RESULTS, `one of ${RESULTS.join(', ')}`)),
      /** Part of the name, the reason or the outcome, or the beginning of an ID. */
      text: v.optional(phrase),
      /** Part of a container's name, or the beginning of its ID. */
      container: v.optional(phrase),
      /** Only actions of this cycle. */
      tick: v.optional(whole(0, Number.MAX_SAFE_INTEGER)),
      /** Only actions older than this `id`, for the next page. */
      before: v.optional(whole(0, Number.MAX_SAFE_INTEGER)),
    }),
    answers: v.array(Event),
  },
  '/api/panels': {
    about: 'Every panel, and its place on the dashboards',
    takes: v.object({}),
    answers: Panels,
  },
  '/api/panel/{id}': {
    about: "A panel's rows over a range; never takes SQL",
    takes: v.pipe(
      v.object({ id: panelId, ...range, language, container: v.optional(containerId) }),
      v.forward(
        v.check(({ from, to }) => from <= to, 'must not be before from'),
        ['to'],
      ),
    ),
    answers: Rows,
  },
  '/api/marks': {
    about:
      'Removals in a range, at most one mark per interval: time, until, removed; of the newest: name, container, text',
    takes: v.object({ ...range, language }),
    answers: Rows,
  },
  '/api/processes': {
    about: 'The largest processes of the newest cycle, and how many processes are in each state',
    takes: v.object({}),
    answers: Processes,
  },
  '/api/container/{id}': {
    about: "One container's life, its class and why, and every decision about it",
    takes: v.object({ id: containerId }),
    answers: Story,
  },
} as const;

export type Path = keyof typeof ROUTES;
export type Takes<P extends Path> = v.InferInput<(typeof ROUTES)[P]['takes']>;
export type Asked<P extends Path> = v.InferOutput<(typeof ROUTES)[P]['takes']>;
export type Answer<P extends Path> = v.InferOutput<(typeof ROUTES)[P]['answers']>;

export type StatusAnswer = v.InferOutput<typeof Status>;
export type CycleRow = v.InferOutput<typeof Cycle>;
export type HostRow = v.InferOutput<typeof Host>;
export type ContainerRow = v.InferOutput<typeof Container>;
export type EventRow = v.InferOutput<typeof Event>;
export type HealthAnswer = v.InferOutput<typeof Health>;
export type ListedRow = v.InferOutput<typeof Listed>;
export type FindingRow = v.InferOutput<typeof Finding>;
export type PanelInfo = v.InferOutput<typeof Panel>;
export type RowsAnswer = v.InferOutput<typeof Rows>;
export type ProcessRow = v.InferOutput<typeof Process>;
export type RankRow = v.InferOutput<typeof Rank>;

/** A text/event-stream: one `cycle` event, `{"tick":…,"at":…}`, at once and for each new cycle. */
export const LIVE = '/api/live';
export interface LiveEvent {
  /** null before the first cycle, or while the database cannot be read. */
  readonly tick: number | null;
  readonly at: number | null;
}

/** The answer to a request that fails. */
export const Problem = v.object({
  /** What happened, to what, and what to do. */
  error: text,
  /** The wrong parameters, each with what it must be. */
  parameters: v.optional(v.record(text, text)),
});
