// Measures the size of the database and the duration of upkeep over two years with 14,400 containers a day:
// `node bench/record/grow.ts --out DIRECTORY`. To save time, one model day is written by the daemon's own store, cycle
// by cycle, and reduced by upkeep until only its long-term data are left. The other days are copies of it, while upkeep
// deletes old data. The last days are written by the store again, in cycles of 20 s.
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { DEMO_DEFAULTS } from '../../daemon/src/model/config.ts';
import type {
  Action,
  Candidate,
  Classification,
  Decision,
  Outcome,
} from '../../daemon/src/model/decision.ts';
import { NO_HISTORY } from '../../daemon/src/model/history.ts';
import { type Reason, rounded } from '../../daemon/src/model/reason.ts';
import type { ContainerSample, ContainerUsage, ProcessSample } from '../../daemon/src/model/snapshot.ts';
import { closeCleanly, inTransaction, openForWriting, statement } from '../../daemon/src/record/database.ts';
import { upkeep } from '../../daemon/src/record/retention.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { type Random, randomFrom } from '../../daemon/src/simulate/random.ts';
import { drawGrowth } from './picture.ts';

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '730' },
    'last-days': { type: 'string', default: '8' },
    out: { type: 'string' },
    /** Skip data that will be deleted by the end: gives the final size in a tenth of the time, but not the growth. */
    'end-only': { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
  },
  strict: true,
});
const days = Number(values.days);
const copied = days - Number(values['last-days']);
if (values.out === undefined)
  throw new Error('--out DIRECTORY is required: the folder for a database of up to 1 GB');
mkdirSync(values.out, { recursive: true });

const DAY = 86_400;
const START = 1_700_000_000 - (1_700_000_000 % DAY);
const TOTAL_KB = 8_000_000;
const KINDS = [
  { image: 'vigia/cpu', level: 'high', cpu: [5, 60], rssKb: [700, 900] },
  { image: 'vigia/ram', level: 'high', cpu: [0, 0.05], rssKb: [20_000, 120_000] },
  { image: 'vigia/idle', level: 'low', cpu: [0, 0.05], rssKb: [600, 800] },
] as const;
const NAMES = Array.from({ length: 70 }, (_, i) => `process-${i}`);

interface LiveContainer {
  readonly sample: ContainerSample;
  readonly level: 'low' | 'high';
  readonly cpu: number;
  age: number;
}

const random = randomFrom(Number(values.seed));
let created = 0;

function newContainer(at: number, labels: Record<string, string>): LiveContainer {
  created += 1;
  const kind = KINDS[Math.floor(random.next() * KINDS.length)] ?? KINDS[0];
  const rssKb = Math.round(random.between(kind.rssKb));
  const id = Array.from({ length: 8 }, () =>
    Math.floor(random.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
  const sample: ContainerSample = {
    id,
    name: `vigia-${kind.image.slice(6)}-2026112519${created % 100}-${created}`,
    image: kind.image,
    labels: { 'vigia.class': kind.level, ...labels },
    state: 'running',
    createdAt: at * 1000 + 123,
    health: null,
    restartCount: 0,
    usage: usageOf(1000 + (created % 4_000_000), at, rssKb, id),
  };
  return { sample, level: kind.level, cpu: random.between(kind.cpu), age: 0 };
}

function usageOf(pid: number, at: number, rssKb: number, id: string): ContainerUsage {
  const pressure = { someAvg10: 0, someTotalUs: 1234, fullAvg10: 0, fullTotalUs: 1200 };
  return {
    pid,
    startNs: (at - START) * 1e9,
    processName: 'vigia-idle',
    cgroup: `/system.slice/docker-${id}.scope`,
    processCount: 1,
    vszKb: 2 * rssKb,
    rssKb,
    memPercent: (100 * rssKb) / TOTAL_KB,
    cpuTimeNs: 20_000_000,
    cpuPercent: 0,
    memoryCurrentKb: rssKb + 200,
    memoryLimitKb: null,
    ioReadBytes: 4096,
    ioWriteBytes: 0,
    netRxBytes: 936,
    netTxBytes: 0,
    cgroupMemoryKb: rssKb + 200,
    memoryUsedKb: rssKb,
    cpuLimitPercent: null,
    isLimitOurs: false,
    squeezedToKb: null,
    pidsLimitedTo: null,
    ioLimitedTo: null,
    cpuThrottledNs: 0,
    cpuThrottledPeriods: 0,
    blockReadBytes: 0,
    blockWriteBytes: 0,
    memoryPsi: pressure,
    cpuPsi: pressure,
    ioPsi: pressure,
  };
}

/** Number of distinct processes in the top 20 by CPU and by RSS of a small host. */
function processesAt(at: number, random: Random): ProcessSample[] {
  return Array.from({ length: 28 }, (_, i) => {
    const name = NAMES[(i < 18 ? i : Math.floor(random.next() * NAMES.length)) % NAMES.length] ?? '';
    const rssKb = Math.round(random.between([1000, 300_000]));
    return {
      pid: 100 + i * 37,
      ppid: 1,
      uid: 0,
      name,
      cmdline: `/usr/lib/systemd/${name} --foreground --config=/etc/${name}.conf`,
      state: 'S',
      threads: 3,
      vszKb: 3 * rssKb,
      rssKb,
      memPercent: (100 * rssKb) / TOTAL_KB,
      cpuPercent: 0.1,
      cpuTimeNs: (at - START) * (i + 1) * 1000,
      startNs: i * 1e9,
      ioReadBytes: 123_456,
      ioWriteBytes: 0,
      containerId: null,
    };
  });
}

let running: LiveContainer[] = [];
let tick = 0;
const growth: { day: number; bytes: number }[] = [];
const [saveMs, upkeepMs]: [number[], number[]] = [[], []];
const began = performance.now();

function open(file: string): DatabaseSync {
  const db = openForWriting(file, (message) => {
    throw new Error(message);
  });
  db.exec('PRAGMA synchronous = OFF');
  return db;
}

/** Writes cycles with the store, and runs upkeep as often as with cycles of 20 s. */
function runDaemonCycles(db: DatabaseSync, from: number, to: number, step: number, onDay: () => void): void {
  const store = new Store(db, DEMO_DEFAULTS);
  running = Array.from({ length: 3 }, () => newContainer(from, { 'vigia.protected': 'true' }));
  for (let at = from; at < to; at += step) {
    if (at % 60 === 0)
      for (let n = 0; n < 10; n += 1)
        running.push(newContainer(at, { 'vigia.managed': 'true', 'vigia.spawn': 'cron' }));
    tick += 1;
    const decision = randomDecision(at);
    const t0 = performance.now();
    store.save(decision, 60_000);
    if (step === 20) saveMs.push(performance.now() - t0);
    for (let i = 0; i < step / 20; i += 1) {
      const t1 = performance.now();
      upkeep(db, DEMO_DEFAULTS.retention, at);
      if (step === 20) upkeepMs.push(performance.now() - t1);
    }
    if ((at + step - START) % DAY === 0) onDay();
  }
}

function measure(): void {
  const pages = (pragma: string) => Number(statement(db, `PRAGMA ${pragma}`).get()?.[pragma]);
  const bytes = pages('page_count') * pages('page_size');
  const day = growth.length + 1;
  growth.push({ day, bytes });
  if (day % 30 === 0 || day >= copied)
    console.log(
      `day ${day}: ${(bytes / 1e6).toFixed(0)} MB, ${((pages('freelist_count') * pages('page_size')) / 1e6).toFixed(0)} MB of it free, ${((performance.now() - began) / 1000).toFixed(0)} s`,
    );
}

// The model day is the second of nine days, at whose end its samples have been deleted.
const modelFile = join(values.out, 'model.db');
if (!existsSync(modelFile)) {
  const model = open(modelFile);
  runDaemonCycles(model, START, START + 9.2 * DAY, 60, () => {});
  closeCleanly(model);
}

const file = join(values.out, 'vigia.db');
const db = open(file);
// Only the size of the copied days matters: without a journal they take a fraction of the time.
db.exec('PRAGMA journal_mode = OFF; PRAGMA cache_size = -800000');
db.prepare('ATTACH ? AS model').run(modelFile);
db.exec('INSERT INTO container SELECT * FROM model.container WHERE last_seen - first_seen > 86400');
const TIERS = [
  'host_tier',
  'cycle_tier',
  'class_tier',
  'container_tier',
  'process_count_tier',
  'process_tier',
];
const columnsOf = (table: string) =>
  db
    .prepare(`SELECT name FROM pragma_table_info('${table}')`)
    .all()
    .map(({ name }) => String(name));
/** Copies rows of the model day, with shifted times and unique ticks. */
function copy(table: string, where: string, change: Readonly<Record<string, string>>): StatementSync {
  const columns = columnsOf(table).filter((column) => change[column] !== '');
  const shown = columns.map((column) => change[column] ?? column);
  return db.prepare(
    `INSERT INTO main.${table} (${columns.join(', ')}) SELECT ${shown.join(', ')} FROM model.${table} WHERE ${where}`,
  );
}
const DURING = `BETWEEN ${START + DAY} AND ${START + 2 * DAY - 1}`;
const SHIFTED = { at: 'at + :by', tick: 'tick + 3000 * :day' };
const copies = [
  copy('cycle', `at ${DURING} AND plan = 'act'`, SHIFTED),
  copy('evidence', `tick IN (SELECT tick FROM model.cycle WHERE at ${DURING})`, SHIFTED),
  copy('decision_line', `at ${DURING}`, SHIFTED),
  ...TIERS.map((table) => copy(table, `at ${DURING}`, SHIFTED)),
  copy('lifetime', `last_seen ${DURING}`, {
    key: '',
    first_seen: 'first_seen + :by',
    last_seen: 'last_seen + :by',
    removed_at: 'removed_at + :by',
  }),
];
const longTermCopies = copies.slice(2, -1);
const sums = db.prepare(`
  INSERT INTO lifetime_day
  SELECT last_seen - last_seen % 86400 + :by, managed, image, level, count(*), count(removed_at),
         sum(last_seen - first_seen), max(last_seen - first_seen), max(peak_rss_kb), max(peak_cpu_percent)
  FROM model.lifetime WHERE last_seen ${DURING} GROUP BY 1, 2, 3, 4`);
const usesTick = (sql: StatementSync) => sql.sourceSQL.includes(':day');
for (let day = 0; day < copied; day += 1) {
  inTransaction(db, () => {
    const by = (day - 1) * DAY;
    const isGone = values['end-only'] && day < days - 96;
    for (const statement of isGone ? [...longTermCopies, sums] : copies)
      statement.run(
        usesTick(statement) ? (statement.sourceSQL.includes(':by') ? { by, day } : { day }) : { by },
      );
    db.prepare('UPDATE tier SET done = ?').run(START + (day + 1) * DAY);
  });
  for (let i = 0; i < 2 * 90; i += 1) upkeep(db, DEMO_DEFAULTS.retention, START + (day + 1) * DAY);
  measure();
}
tick = 3000 * (copied + 10);
db.exec('DETACH model');
db.exec('PRAGMA journal_mode = WAL; PRAGMA cache_size = -2000');
runDaemonCycles(db, START + copied * DAY, START + days * DAY, 20, measure);

function randomDecision(at: number): Decision {
  const classifications = running.map(
    ({ sample, level, cpu, age }): Classification => ({
      id: sample.id,
      level: age === 0 ? 'unknown' : level,
      nextLevel: age === 0 ? 'unknown' : level,
      cpuPercent: age === 0 ? null : cpu,
      memPercent: sample.usage?.memPercent ?? 0,
      because:
        age === 0
          ? { code: 'first-reading' }
          : { code: 'below-lines', cpu: rounded(cpu), cpuLine: 0.09, memory: 0.01, memoryLine: 0.16 },
      breaches: [],
    }),
  );
  const containers = running.map(({ sample }) => sample);
  const actions: Action[] = [];
  const candidates: Candidate[] = [];
  for (const [level, keep] of [
    ['low', 3],
    ['high', 2],
  ] as const) {
    const members = running.filter(
      (one) => one.age > 0 && one.level === level && one.sample.labels['vigia.protected'] === undefined,
    );
    members.forEach(({ sample: { id, name }, cpu }, i) => {
      const stays = i >= members.length - keep;
      const excluded: Reason | null = stays ? { code: 'within-quota', keep, level } : null;
      candidates.push({
        id,
        name,
        level,
        score: [0, 0, cpu / 200, at * 1000 - i],
        share: cpu / 200,
        excluded,
      });
      if (stays) return;
      const why: Reason = { code: 'cpu-above-line', cpu: rounded(cpu), line: 0.09 };
      const because: Reason = { code: 'surplus', count: members.length, level, keep, why };
      actions.push({
        kind: 'remove',
        id,
        name,
        level,
        pid: 1000 + i,
        urgency: 'grace',
        isThrottled: false,
        isReplaced: false,
        because,
      });
    });
  }
  const gone = new Set(actions.map((action) => (action.kind === 'start' ? '' : action.id)));
  running = running.filter(({ sample }) => !gone.has(sample.id));
  for (const one of running) one.age += 1;
  const outcomes = actions.map(
    (action): Outcome => ({
      action,
      result: 'done',
      detail: { code: 'removed' },
      id: action.kind === 'start' ? null : action.id,
      tookMs: random.between([80, 900]),
    }),
  );
  const available = Math.round(random.between([5_000_000, 6_000_000]));
  return {
    history: NO_HISTORY,
    snapshot: {
      tick,
      at: at * 1000,
      monotonicNs: (at - START) * 1e9,
      bootNs: (at - START) * 1e9,
      sensor: 'kernel',
      host: {
        cpus: 2,
        totalKb: TOTAL_KB,
        freeKb: available - 500_000,
        availableKb: available,
        usedKb: TOTAL_KB - available,
        load1: random.between([0, 3]),
        cpuBusyNs: (at - START) * 1e8,
        memoryFullAvg10: random.between([0, 1]),
        memorySomeAvg10: random.between([0, 1]),
        ioFullAvg10: random.between([0, 1]),
        cpuSomeAvg10: random.between([0, 9]),
        cgroupVersion: 2,
      },
      containers,
      lastKnown: [],
      holders: null,
      processes: processesAt(at, random),
      processCounts: { total: 180, byState: { S: 120, I: 56, R: 3, D: 1 } },
      faults: [],
    },
    classifications,
    observations: [],
    plan:
      actions.length > 0
        ? { kind: 'act', actions, candidates }
        : { kind: 'hold', because: { code: 'quotas-met' }, candidates },
    outcomes,
    before: { low: 9, high: 5, unknown: 0 },
    after: { low: 3, high: 2, unknown: 0 },
    cost: {
      senseMs: random.between([3, 9]),
      decideMs: random.between([0, 1]),
      actMs: random.between([0, 900]),
    },
  };
}

const tables = db
  .prepare(`
    SELECT coalesce(m.tbl_name, s.name) AS name, sum(s.pgsize) AS bytes
    FROM dbstat AS s LEFT JOIN sqlite_schema AS m ON m.name = s.name WHERE s.aggregate = 1 GROUP BY 1 ORDER BY 2 DESC`)
  .all()
  .map(({ name, bytes }) => ({ name: String(name), bytes: Number(bytes) }));
db.close();
const at = (list: number[], share: number) =>
  list.toSorted((a, b) => a - b)[Math.floor(share * (list.length - 1))] ?? 0;
const result = {
  days,
  livedDays: days - copied,
  containersPerDay: 14_400,
  bytes: statSync(file).size,
  saveMs: { median: at(saveMs, 0.5), p99: at(saveMs, 0.99), max: at(saveMs, 1) },
  upkeepMs: { median: at(upkeepMs, 0.5), p99: at(upkeepMs, 0.99), max: at(upkeepMs, 1) },
  tables,
  growth,
};
writeFileSync(join(values.out, 'growth.json'), `${JSON.stringify(result, null, 1)}\n`);
writeFileSync(join(values.out, 'growth.svg'), drawGrowth(result));
console.log({ ...result, growth: growth.length });
