import { type Config, surplusOf } from '../model/config.ts';
import type { Level } from '../model/decision.ts';
import type { ActionRow, Row, Status } from '../record/queries.ts';
import { type Language, render } from '../words/language.ts';
import { kib, percent, time } from './format.ts';
import { ageInWords, isStale } from './health.ts';
import {
  bar,
  cells,
  fit,
  fitMiddle,
  type Paint,
  paintLine,
  type Span,
  type Style,
  span,
  sparkline,
} from './spans.ts';
import type { TopState } from './top-state.ts';
import { arrange, containerLine, tableHeading } from './top-table.ts';

/** What is looked at. */
export interface TopView {
  readonly status: Status;
  /** Host samples, the oldest first (readTrend). */
  readonly trend: readonly Row[];
  readonly config: Pick<Config, 'quotas' | 'mode' | 'cycleSeconds'>;
  readonly now: Date;
  /** Why the newest look failed; what is shown is then older. */
  readonly problem: string | null;
  readonly language: Language;
  /** This cycle was not there in the look before. */
  readonly isNew: boolean;
}

export interface Size {
  readonly columns: number;
  /** null: as many as it takes, without the line about keys. */
  readonly rows: number | null;
}

const LAST: Span[] = [span('Last decisions', 'bold')];
const MOST_DECISIONS = 10;
const LONGEST_SPARKLINE = 20;
const HOST_TEXT = 37;

/** The whole screen, a string per line, none longer than `columns` cells. Pure: the same view gives the same lines. */
export function renderTop(view: TopView, state: TopState, { columns, rows }: Size, paint: Paint): string[] {
  const lines = state.isHelp ? [...header(view, columns), [], ...HELP] : screen(view, state, columns, rows);
  const shown = rows === null ? lines : lines.slice(0, Math.max(1, rows - 1));
  const painted = shown.map((line) => paintLine(line, columns, paint));
  if (rows === null || rows < 2) return painted;
  while (painted.length < rows - 1) painted.push('');
  return [...painted, paintLine(footer(state, view), columns, paint)];
}

function screen(view: TopView, state: TopState, columns: number, rows: number | null): Span[][] {
  const { status } = view;
  if (status.cycle === null)
    return [
      ...header(view, columns),
      [],
      [span('No cycle is recorded yet: the first one comes seconds after vigia up.')],
    ];
  const top = [...header(view, columns), ...host(view, columns), ...lanes(view, columns)];
  const decided = decisions(status.actions, columns, view);
  const found = arrange(status.containers, state, view.language);
  const table = found.map((row) => containerLine(row, columns, view));
  const heading = tableHeading(state, columns);
  if (rows === null) return [...top, [], heading, ...table, [], LAST, ...decided];
  // What is left is shared: the decisions get a third, the containers the rest, and neither more than it needs.
  const left = Math.max(0, rows - 1 - top.length - 3);
  const forDecisions = Math.min(decided.length, Math.max(Math.floor(left / 3), left - table.length));
  const forTable = Math.max(0, left - forDecisions);
  const scroll = Math.max(0, Math.min(state.scroll, table.length - forTable));
  const window = table.slice(scroll, scroll + forTable);
  while (window.length < forTable) window.push([]);
  const hidden = hiddenOf(scroll, Math.max(0, table.length - scroll - forTable));
  return [...top, [], heading, ...window, [...LAST, ...hidden], ...decided.slice(0, forDecisions)];
}

/** How many containers do not fit. */
function hiddenOf(above: number, below: number): Span[] {
  const parts = [...(above > 0 ? [`${above} above`] : []), ...(below > 0 ? [`${below} more below`] : [])];
  return parts.length === 0 ? [] : [span(`      containers: ${parts.join(', ')} (arrow keys)`, 'dim')];
}

function header(
  { status: { cycle, faults }, config, now, problem, isNew, language }: TopView,
  columns: number,
): Span[][] {
  const clock = time(now.getTime() / 1000, now);
  const alarms = [
    ...(problem === null ? [] : [`${problem}; trying again`]),
    ...faults.map((fault) => `fault: ${fault['sensor']}: ${render(fault.message, language)}`),
  ].map((text) => [span(cells(text), 'red')]);
  if (cycle === null) return [[span('Vigía', 'bold')], ...alarms];
  const age = Math.round(now.getTime() / 1000 - Number(cycle['at']));
  const what = [
    span('Vigía  ', 'bold'),
    isStale(age, config) ? span('STOPPED', 'red') : span('running', 'green'),
    span('  cycle '),
    isNew ? span(String(cycle['tick']), 'inverse') : span(String(cycle['tick'])),
    span(`, ${ageInWords(age, config)}, sensor ${cycle['sensor']}, mode ${config.mode}`),
  ];
  const used = what.reduce((sum, { text }) => sum + text.length, 0);
  const pad = columns - used - clock.length;
  return [pad > 1 ? [...what, span(' '.repeat(pad)), span(clock, 'dim')] : what, ...alarms];
}

function host({ status: { cycle, host: now }, trend }: TopView, columns: number): Span[][] {
  if (now === null) return [[span('RAM   unknown', 'yellow')]];
  const sparks = Math.max(0, Math.min(LONGEST_SPARKLINE, columns - 60));
  const width = Math.max(10, columns - 6 - HOST_TEXT - 2 - sparks);
  const line = (name: string, share: number | null, text: string, past: (number | null)[]): Span[] => [
    span(`${name}   `, 'bold'),
    span(bar(share ?? 0, width), toneOf(share)),
    span(` ${fit(text, HOST_TEXT)} `),
    span(sparkline(past, sparks), 'dim'),
  ];
  const ram = Number(now['used_kb']) / Number(now['total_kb']);
  const cpu = shareOfCpu(now);
  const psi = (name: string, key: string) =>
    now[key] === null ? [] : [`${name} ${percent(now[key] ?? null)}`];
  const pressure = [
    ...psi('memory', 'memory_full_avg10'),
    ...psi('disk', 'io_full_avg10'),
    ...psi('CPU', 'cpu_some_avg10'),
  ];
  return [
    line(
      'RAM',
      ram,
      `${percent(ram * 100)}, ${kib(now['used_kb'])} of ${kib(now['total_kb'])}`,
      trend.map((row) => Number(row['used_kb']) / Number(row['total_kb'])),
    ),
    line(
      'CPU',
      cpu,
      `${percent(cpu === null ? null : cpu * 100)} of ${now['cpus']} cores, load ${now['load1'] ?? '–'}`,
      trend.map(shareOfCpu),
    ),
    [
      span('PSI   ', 'bold'),
      span(pressure.length === 0 ? 'not kept by this kernel' : pressure.join('  ')),
      span(`   processes ${now['process_total'] ?? '–'}   own memory ${kib(cycle?.['rss_kb'])}`, 'dim'),
    ],
  ];
}

function shareOfCpu(row: Row): number | null {
  return row['cpu_percent'] === null || row['cpu_percent'] === undefined
    ? null
    : Number(row['cpu_percent']) / Number(row['cpus']) / 100;
}

const toneOf = (share: number | null): Style =>
  share === null ? 'dim' : share >= 0.9 ? 'red' : share >= 0.7 ? 'yellow' : 'green';

/** A lane per class: its places, each with who stands there, an empty one where somebody is missing, what is too many. */
function lanes({ status, config: { quotas } }: TopView, columns: number): Span[][] {
  return (['low', 'high'] as const).map((level) => {
    const { keep } = quotas[level];
    const running = Number(status.cycle?.[`${level}_after`] ?? 0);
    const names = status.containers
      .filter((row) => row['managed'] === 1 && row['level'] === level && row['removed_at'] === null)
      .map((row) => cells(String(row['name'])));
    const surplus = surplusOf(quotas[level], running);
    const verdict = running < keep ? `${keep - running} missing` : surplus > 0 ? `${surplus} too many` : 'ok';
    const room = Math.max(0, columns - 6 - 18);
    const places = Math.max(1, Math.min(keep, Math.floor(room / 12)));
    const width = Math.min(30, Math.floor(room / Math.max(places, 3)) - 3);
    const boxes = Array.from({ length: Math.min(places, keep) }, (_, place) =>
      boxOf(place, level, running, names, width),
    );
    const more = keep > places ? [span(`+${keep - places} `)] : [];
    return [
      span(fit(level.toUpperCase(), 6), 'bold'),
      ...boxes.flat(),
      ...more,
      span(`${running}/${keep} ${verdict}`, running < keep ? 'red' : surplus > 0 ? 'yellow' : 'green'),
    ];
  });
}

/** Who was started in this very cycle has no sample yet: the place is taken, its name is not known. */
function boxOf(
  place: number,
  level: Level,
  running: number,
  names: readonly string[],
  width: number,
): Span[] {
  const colour = level === 'low' ? 'cyan' : 'magenta';
  if (place >= running) return [span(`[${fit(' empty', width)}] `, 'red')];
  return [span(`[${fitMiddle(names[place] ?? 'just started', width)}] `, colour)];
}

function decisions(
  actions: readonly ActionRow[],
  columns: number,
  { now, language }: Pick<TopView, 'now' | 'language'>,
): Span[][] {
  if (actions.length === 0) return [[span('No decision yet.', 'dim')]];
  return actions.slice(0, MOST_DECISIONS).map((action) => {
    const result = String(action['result']);
    const because = render(action.because, language);
    const name = Math.max(12, Math.min(34, columns - 61));
    return [
      span(`${time(action['at'], now)} `, 'dim'),
      span(fit(`${action['kind']}`, 9), action['kind'] === 'remove' ? 'yellow' : 'green'),
      span(`${fitMiddle(cells(String(action['name'])), name)} `),
      ...(result === 'done' ? [] : [span(`${result} `, 'red')]),
      span(cells(result === 'done' ? because : `${render(action.detail, language)}; ${because}`), 'dim'),
    ];
  });
}

function footer(state: TopState, { status: { containers }, language }: TopView): Span[] {
  const { isTyping, filter, isHelp } = state;
  if (isHelp) return [span(' any key goes back ', 'inverse')];
  const found = `${arrange(containers, state, language).length} of ${containers.length}`;
  if (isTyping)
    return [
      span(` filter: ${cells(filter)}█ `, 'inverse'),
      span(` ${found}   Enter keeps it, Esc clears`, 'dim'),
    ];
  const keys = span('q quit  ? help  / filter  sort: s class c CPU m memory n name a age  r reverse', 'dim');
  return filter === ''
    ? [keys]
    : [span(` ${found} have "${cells(filter)}" `, 'yellow'), span(' Esc clears  ', 'dim'), keys];
}

const HELP: readonly Span[][] = [
  'LOW and HIGH: the places that are always filled, and who stands there.',
  'CPU of a container: 100 % is one core. RSS: the memory of its processes.',
  'CLASS: what it does, not what it was started as; ? until it was seen twice.',
  '       foreign: not managed, never touched. protected: never touched either.',
  'WHY: the figures that made it so. Below, the last decisions with their reasons.',
  '',
  's c m n a   sort by class, CPU, memory, name, age (newest first)',
  'r           the other way round',
  '/           type to filter: name, ID, image, class or reason; Esc clears',
  '↑ ↓ PgUp PgDn Home   move through the containers',
  'q, Ctrl-C   leave',
  '',
  'The same once, without a live screen: vigia top --once, vigia status.',
  'Why one container was removed: vigia explain NAME',
].map((text) => [span(text)]);
