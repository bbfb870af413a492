import { Command } from 'commander';
import { ordersNow } from '../app/standing-orders.ts';
import { type Config, surplusOf } from '../model/config.ts';
import { usedShare } from '../model/disk.ts';
import { openForReading } from '../record/database.ts';
import { type Row, readStatus, type Status } from '../record/queries.ts';
import { time } from '../show/format.ts';
import { ageInWords, classesInForce, isStale } from '../show/health.ts';
import { kindCounts, kindName } from '../show/policy.ts';
import { CATALOGUES, render } from '../words/language.ts';
import { writerFor } from '../words/render.ts';
import { FORMATS, inert, LANGUAGE, paint, printJson, runConfigOf, table, WORDS, withHelp } from './common.ts';
import { eventTable } from './events-command.ts';

const { kib, percent } = FORMATS;
const { remaining } = writerFor(CATALOGUES[LANGUAGE]);

export function statusCommand(): Command {
  const status = new Command('status')
    .description(
      'show the newest cycle: RAM, quotas, notices, containers with kind, class and reason, latest decisions',
    )
    .option('--json', 'print it as JSON')
    .action(({ json }: { json?: boolean }, command: Command) => {
      const config = runConfigOf(command);
      const db = openForReading(config.database);
      const newest = readStatus(db);
      db.close();
      if (json) return printJson({ quotas: config.quotas, ...newest });
      console.log(describe(newest, config, Date.now() / 1000));
    });
  return withHelp(status, { examples: ['vigia status', 'vigia status --json'] });
}

function describe(status: Status, config: Config, nowSeconds: number): string {
  const { common, status: say } = WORDS;
  const { cycle, host } = status;
  if (cycle === null) return common.noCycle;
  const age = Math.round(nowSeconds - Number(cycle['at']));
  const state = isStale(age, config) ? paint('red', common.stopped) : paint('green', common.running);
  const circumstances = common.circumstances(
    ageInWords(age, config, LANGUAGE),
    String(cycle['sensor']),
    common.modes[config.mode],
  );
  const parts = [
    `${state}  ${common.cycle} ${cycle['tick']}, ${circumstances}`,
    host === null
      ? say.ramUnknown
      : say.ram(
          kib(host['used_kb']),
          kib(host['total_kb']),
          percent((Number(host['used_kb']) / Number(host['total_kb'])) * 100),
          kib(host['free_kb']),
          kib(host['available_kb']),
        ),
    ...disks(status, config),
    ...quotas(cycle, config),
    ...(status.containers.length === 0 ? [] : [say.kinds(kindCounts(status.containers, LANGUAGE))]),
    ...pauses(config),
    ...status.faults.map((fault) =>
      paint('red', say.fault(String(fault['sensor']), inert(render(fault.message, LANGUAGE)))),
    ),
    ...status.notices.map((notice) =>
      paint('yellow', say.notice(time(notice['at']), inert(render(notice.message, LANGUAGE)))),
    ),
    '',
    containerTable(status.containers),
    '',
    paint('bold', common.latestDecisions),
    eventTable(status.actions),
  ];
  return parts.join('\n');
}

/** The file systems of the engine and of the record; one line where both are the same. */
function disks({ disks: rows }: Status, config: Config): string[] {
  const { status: say } = WORDS;
  const all = rows.map((row) => {
    const used = Math.max(
      usedShare(Number(row['available_kb']), Number(row['total_kb'])),
      usedShare(Number(row['free_inodes']), Number(row['total_inodes'])),
    );
    const hours = row['full_in_hours'] === null ? null : Number(row['full_in_hours']);
    const text = say.disk(
      inert(String(row['path'])),
      percent(used),
      kib(row['available_kb']),
      hours === null ? null : remaining(hours),
    );
    const isShort =
      used >= config.disk.usedPercent || (hours !== null && hours < config.disk.fullWithinHours);
    return { text, isShort };
  });
  const isOne = rows.length === 2 && rows[0]?.['available_kb'] === rows[1]?.['available_kb'];
  const shown = isOne ? all.slice(0, 1) : all;
  return [
    ...shown.map(({ text, isShort }) => (isShort ? paint('yellow', text) : text)),
    ...(shown.some(({ isShort }) => isShort) ? [say.diskHint] : []),
  ];
}

/** What is paused now, by an operator or a maintenance window. */
function pauses(config: Config): string[] {
  const { orders: say } = WORDS;
  return ordersNow(config).pauses.map(({ targets, until, why, all }) =>
    paint(
      'yellow',
      inert(say.status(targets.length === 0 ? say.wholeHost : targets.join(', '), until, why, all)),
    ),
  );
}

/** The disposable containers against the quotas that are in force. */
function quotas(cycle: Row, config: Config): string[] {
  const levels = classesInForce(config);
  if (levels.length === 0) return [];
  const classes = levels.map((level) => quota(level, cycle[`${level}_after`], config));
  return [WORDS.status.quotas(classes.join('  '), Number(cycle['unknown_after']))];
}

function quota(level: 'low' | 'high', running: unknown, config: Config): string {
  const { keep } = config.quotas[level];
  const text = `${WORDS.common.classes[level]} ${running}/${keep}`;
  const isMet = Number(running) >= keep && surplusOf(config.quotas[level], Number(running)) === 0;
  return isMet ? paint('green', text) : paint('yellow', text);
}

function containerTable(rows: Status['containers']): string {
  const { columns, status: say } = WORDS;
  if (rows.length === 0) return say.noContainer;
  return table(rows, [
    { title: columns.kind, value: (row) => kindName(row, LANGUAGE) },
    { title: columns.class, value: (row) => classOf(row) },
    { title: columns.name, wraps: true, value: (row) => String(row['name']) },
    ...(rows.some((row) => row['compose'])
      ? [{ title: 'COMPOSE', value: (row: Row) => String(row['compose'] ?? '') }]
      : []),
    { title: 'ID', spare: 2, value: (row) => String(row['id']).slice(0, 12) },
    { title: 'PID', right: true, spare: 3, value: (row) => String(row['pid']) },
    { title: 'CPU', right: true, value: (row) => percent(row['cpu_percent']) },
    { title: 'RSS', right: true, value: (row) => kib(row['rss_kb']) },
    { title: 'MEM', right: true, spare: 4, value: (row) => percent(row['mem_percent']) },
    { title: columns.why, wraps: true, value: (row) => render(row.because, LANGUAGE) },
  ]);
}

function classOf({ level }: Row): string {
  return WORDS.common.classes[level === 'low' || level === 'high' ? level : 'unknown'];
}
