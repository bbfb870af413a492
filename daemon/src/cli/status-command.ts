import { Command } from 'commander';
import { type Config, surplusOf } from '../model/config.ts';
import { openForReading } from '../record/database.ts';
import { type Row, readStatus, type Status } from '../record/queries.ts';
import { kib, percent } from '../show/format.ts';
import { ageInWords, isStale } from '../show/health.ts';
import { render } from '../words/language.ts';
import { configOf, LANGUAGE, paint, printJson, table } from './common.ts';
import { eventTable } from './events-command.ts';

export function statusCommand(): Command {
  return new Command('status')
    .description('one look: RAM, quotas, containers with class and why, last decisions')
    .option('--json', 'the same as JSON')
    .action(({ json }: { json?: boolean }, command: Command) => {
      const config = configOf(command);
      const db = openForReading(config.database);
      const status = readStatus(db);
      db.close();
      if (json) return printJson({ quotas: config.quotas, ...status });
      console.log(describe(status, config, Date.now() / 1000));
    });
}

function describe(status: Status, config: Config, nowSeconds: number): string {
  const { cycle, host } = status;
  if (cycle === null) return 'No cycle is recorded yet: the first one comes seconds after vigia up.';
  const age = Math.round(nowSeconds - Number(cycle['at']));
  const parts = [
    `${isStale(age, config) ? paint('red', 'STOPPED') : paint('green', 'running')}  cycle ${cycle['tick']}, ${ageInWords(age, config)}, sensor ${cycle['sensor']}, mode ${config.mode}`,
    host === null
      ? 'RAM     unknown'
      : `RAM     ${kib(host['used_kb'])} of ${kib(host['total_kb'])} used (${percent((Number(host['used_kb']) / Number(host['total_kb'])) * 100)}), ` +
        `free ${kib(host['free_kb'])}, available ${kib(host['available_kb'])}`,
    `quotas  ${quota('low', cycle['low_after'], config)}  ${quota('high', cycle['high_after'], config)}  unclassified ${cycle['unknown_after']}`,
    ...status.faults.map((fault) =>
      paint('red', `fault   ${fault['sensor']}: ${render(fault.message, LANGUAGE)}`),
    ),
    '',
    containerTable(status.containers),
    '',
    paint('bold', 'Last decisions'),
    eventTable(status.actions),
  ];
  return parts.join('\n');
}

function quota(level: 'low' | 'high', running: unknown, config: Config): string {
  const { keep } = config.quotas[level];
  const text = `${level} ${running}/${keep}`;
  const stands = Number(running) >= keep && surplusOf(config.quotas[level], Number(running)) === 0;
  return stands ? paint('green', text) : paint('yellow', text);
}

function containerTable(rows: Status['containers']): string {
  if (rows.length === 0) return 'No container was seen.';
  return table(rows, [
    { title: 'CLASS', value: (row) => classOf(row) },
    { title: 'NAME', value: (row) => String(row['name']).slice(0, 32) },
    { title: 'ID', value: (row) => String(row['id']).slice(0, 12) },
    { title: 'PID', right: true, value: (row) => String(row['pid']) },
    { title: 'CPU', right: true, value: (row) => percent(row['cpu_percent']) },
    { title: 'RSS', right: true, value: (row) => kib(row['rss_kb']) },
    { title: 'MEM', right: true, value: (row) => percent(row['mem_percent']) },
    { title: 'WHY', value: (row) => render(row.because, LANGUAGE) },
  ]);
}

function classOf(row: Row): string {
  if (row['protected'] === 1) return 'protected';
  return row['managed'] === 1 ? String(row['level']) : `foreign (${row['level']})`;
}
