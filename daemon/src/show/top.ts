import { type Config, surplusOf } from '../model/config.ts';
import type { Level } from '../model/decision.ts';
import type { ActionRow, Row, Status } from '../record/queries.ts';
import { CATALOGUES, type Language, render } from '../words/language.ts';
import { terminalWords } from '../words/terminal.ts';
import type { TerminalWords } from '../words/terminal-catalogue.ts';
import { formatsOf, time } from './format.ts';
import { ageInWords, classesInForce, isStale } from './health.ts';
import { countsForQuotas, kindCounts } from './policy.ts';
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
import { type TopState, withinTable } from './top-state.ts';
import { arrange, containerLine, tableHeading } from './top-table.ts';
import { wrapped } from './wrapped.ts';

/** What `vigia top` shows: one look at the database. */
export interface TopView {
  readonly status: Status;
  /** Host samples, the oldest first (readTrend). */
  readonly trend: readonly Row[];
  readonly config: Pick<Config, 'quotas' | 'mode' | 'cycleSeconds'>;
  readonly now: Date;
  /** Why the newest look failed; the rest of the view is then of an earlier one. */
  readonly problem: string | null;
  readonly language: Language;
  /** The cycle is newer than that of the previous look. */
  readonly isNew: boolean;
  /** The sentences of `vigia explain` about the container that Enter chose. */
  readonly explanation?: readonly string[];
}

export interface Size {
  readonly columns: number;
  /** null: as many as needed, without the line about keys. */
  readonly rows: number | null;
}

const MOST_DECISIONS = 10;
const MOST_NOTICES = 3;
/** Actions of every day: the column of verbs is wide enough for these, so that it seldom changes. */
const EVERYDAY = ['remove', 'start', 'restart', 'throttle', 'release'];
const LONGEST_SPARKLINE = 20;
const HOST_TEXT = 37;

/** The whole screen, a string per line, none longer than `columns` cells. Pure: the same view gives the same lines. */
export function renderTop(view: TopView, state: TopState, { columns, rows }: Size, paint: Paint): string[] {
  const lines = state.isHelp
    ? [...header(view, columns), [], ...help(view)]
    : state.explained !== null
      ? [...header(view, columns), [], ...explanation(view, state.explained, columns)]
      : screen(view, state, columns, rows);
  const shown = rows === null ? lines : lines.slice(0, Math.max(1, rows - 1));
  const painted = shown.map((line) => paintLine(line, columns, paint));
  if (rows === null || rows < 2) return painted;
  while (painted.length < rows - 1) painted.push('');
  return [...painted, paintLine(footer(state, view), columns, paint)];
}

const help = ({ language }: TopView): Span[][] =>
  terminalWords(language).top.help.map((text) => [span(text)]);

/** The line of the cursor, which is seen without colours, too. */
const pointed = ([first, , ...rest]: readonly Span[]): string =>
  `${first?.text ?? ''}›${rest.map(({ text }) => text).join('')}`;

function explanation({ explanation: sentences = [] }: TopView, scroll: number, columns: number): Span[][] {
  const lines = sentences.flatMap((sentence) => [...wrapped(cells(sentence), columns), '']);
  return lines.slice(Math.min(scroll, Math.max(0, lines.length - 2))).map((text) => [span(text)]);
}

function screen(view: TopView, state: TopState, columns: number, rows: number | null): Span[][] {
  const { status, language } = view;
  const { common, top: say } = terminalWords(language);
  if (status.cycle === null) return [...header(view, columns), [], [span(common.noCycle)]];
  const top = [...header(view, columns), ...host(view, columns), ...lanes(view, columns)];
  const decided = decisions(status.actions, columns, view);
  const found = arrange(status.containers, state, language);
  const { cursor } = withinTable(state, found.length);
  const hasCursor = rows !== null && found.length > 0;
  const table = found.map((row, i) => {
    const line = containerLine(row, columns, view);
    return hasCursor && i === cursor ? [span(pointed(line), 'inverse')] : line;
  });
  const heading = tableHeading(state, columns, language);
  const latest = span(common.latestDecisions, 'bold');
  if (rows === null) return [...top, [], heading, ...table, [], [latest], ...decided];
  // The remaining lines are shared: the decisions get a third, the containers the rest, and neither more than it needs.
  const left = Math.max(0, rows - 1 - top.length - 3);
  const forDecisions = Math.min(decided.length, Math.max(Math.floor(left / 3), left - table.length));
  const forTable = Math.max(0, left - forDecisions);
  // The cursor stays in the middle, where the ends allow it.
  const scroll = Math.max(0, Math.min(cursor - Math.floor(forTable / 2), table.length - forTable));
  const window = table.slice(scroll, scroll + forTable);
  while (window.length < forTable) window.push([]);
  const below = Math.max(0, table.length - scroll - forTable);
  const hidden = scroll + below === 0 ? [] : [span(`      ${say.hidden(scroll, below)}`, 'dim')];
  return [...top, [], heading, ...window, [latest, ...hidden], ...decided.slice(0, forDecisions)];
}

function header(
  { status: { cycle, faults, notices }, config, now, problem, isNew, language }: TopView,
  columns: number,
): Span[][] {
  const { common, top: say } = terminalWords(language);
  const clock = time(now.getTime() / 1000, now);
  const alarms = [
    ...(problem === null ? [] : [say.tryingAgain(problem)]),
    ...faults.map((fault) => say.fault(String(fault['sensor']), render(fault.message, language))),
  ].map((text) => [span(cells(text), 'red')]);
  const notes = notices
    .slice(0, MOST_NOTICES)
    .map((notice) => say.notice(time(notice['at'], now), render(notice.message, language)))
    .map((text) => [span(cells(text), 'yellow')]);
  if (cycle === null) return [[span('Vigía', 'bold')], ...alarms, ...notes];
  const age = Math.round(now.getTime() / 1000 - Number(cycle['at']));
  const tick = String(cycle['tick']);
  const what = [
    span('Vigía  ', 'bold'),
    isStale(age, config) ? span(common.stopped, 'red') : span(common.running, 'green'),
    span(`  ${common.cycle} `),
    isNew ? span(tick, 'inverse') : span(tick),
    span(
      `, ${common.circumstances(ageInWords(age, config, language), String(cycle['sensor']), common.modes[config.mode])}`,
    ),
  ];
  const used = what.reduce((sum, { text }) => sum + text.length, 0);
  const pad = columns - used - clock.length;
  return [pad > 1 ? [...what, span(' '.repeat(pad)), span(clock, 'dim')] : what, ...alarms, ...notes];
}

function host({ status: { cycle, host: now }, trend, language }: TopView, columns: number): Span[][] {
  const { top: say } = terminalWords(language);
  const { number, kib, percent } = formatsOf(language);
  if (now === null) return [[span(say.ramUnknown, 'yellow')]];
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
    ...psi(say.psi.memory, 'memory_full_avg10'),
    ...psi(say.psi.disk, 'io_full_avg10'),
    ...psi(say.psi.cpu, 'cpu_some_avg10'),
  ];
  return [
    line(
      'RAM',
      ram,
      say.ram(percent(ram * 100), kib(now['used_kb']), kib(now['total_kb'])),
      trend.map((row) => Number(row['used_kb']) / Number(row['total_kb'])),
    ),
    line(
      'CPU',
      cpu,
      say.cpu(percent(cpu === null ? null : cpu * 100), Number(now['cpus']), number(now['load1'], 2)),
      trend.map(shareOfCpu),
    ),
    [
      span('PSI   ', 'bold'),
      span(pressure.length === 0 ? say.noPsi : pressure.join('  ')),
      span(`   ${say.processes(String(now['process_total'] ?? '–'), kib(cycle?.['rss_kb']))}`, 'dim'),
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

/**
 * A lane for each class whose quota is in force: a box for each of its places, with the container's name or empty, and
 * the count. Without quotas, how many containers of each kind run.
 */
function lanes({ status, config, language }: TopView, columns: number): Span[][] {
  const { common, columns: titles, top: say } = terminalWords(language);
  const { quotas } = config;
  const levels = classesInForce(config);
  if (levels.length === 0)
    return [[span(`${fit(titles.kind, 6)}`, 'bold'), span(kindCounts(status.containers, language))]];
  return levels.map((level) => {
    const { keep } = quotas[level];
    const running = Number(status.cycle?.[`${level}_after`] ?? 0);
    const names = status.containers
      .filter((row) => countsForQuotas(row) && row['level'] === level)
      .map((row) => cells(String(row['name'])));
    const surplus = surplusOf(quotas[level], running);
    const state =
      running < keep ? say.missing(keep - running) : surplus > 0 ? say.surplus(surplus) : say.complete;
    const room = Math.max(0, columns - 6 - 18);
    const places = Math.max(1, Math.min(keep, Math.floor(room / 12)));
    const width = Math.min(30, Math.floor(room / Math.max(places, 3)) - 3);
    const boxes = Array.from({ length: Math.min(places, keep) }, (_, place) =>
      boxOf(place, level, running, names, width, say),
    );
    const more = keep > places ? [span(`+${keep - places} `)] : [];
    return [
      span(fit(common.classes[level].toUpperCase(), 6), 'bold'),
      ...boxes.flat(),
      ...more,
      span(`${running}/${keep} ${state}`, running < keep ? 'red' : surplus > 0 ? 'yellow' : 'green'),
    ];
  });
}

/** A container that was started in this very cycle has no sample yet: its place is taken, its name is not known. */
function boxOf(
  place: number,
  level: Level,
  running: number,
  names: readonly string[],
  width: number,
  say: TerminalWords['top'],
): Span[] {
  const colour = level === 'low' ? 'cyan' : 'magenta';
  if (place >= running) return [span(`[${fit(` ${say.emptyPlace}`, width)}] `, 'red')];
  return [span(`[${fitMiddle(names[place] ?? say.justStarted, width)}] `, colour)];
}

function decisions(
  actions: readonly ActionRow[],
  columns: number,
  { now, language }: Pick<TopView, 'now' | 'language'>,
): Span[][] {
  if (actions.length === 0) return [[span(terminalWords(language).common.noDecision, 'dim')]];
  const { verbs, results } = CATALOGUES[language];
  const shown = actions.slice(0, MOST_DECISIONS);
  const verbOf = (kind: unknown): string => verbs[String(kind)] ?? String(kind);
  const longest = Math.max(
    ...[...EVERYDAY, ...shown.map(({ kind }) => kind)].map((kind) => verbOf(kind).length),
  );
  return shown.map((action) => {
    const [kind, result] = [String(action['kind']), String(action['result'])];
    const because = render(action.because, language);
    const name = Math.max(12, Math.min(34, columns - 61));
    const line = [
      span(`${time(action['at'], now)} `, 'dim'),
      span(fit(verbOf(kind), longest + 1), kind === 'remove' ? 'yellow' : 'green'),
      span(`${fitMiddle(cells(String(action['name'])), name)} `),
      ...(result === 'done' ? [] : [span(`${results[result] ?? result}: `, 'red')]),
    ];
    const room = columns - line.reduce((sum, { text }) => sum + text.length, 0);
    const why = cells(result === 'done' ? because : `${render(action.detail, language)}; ${because}`);
    return [...line, span(why.length > room ? fit(why, room) : why, 'dim')];
  });
}

function footer(state: TopState, { status: { containers }, language }: TopView): Span[] {
  const { top: say } = terminalWords(language);
  const { isTyping, filter, isHelp } = state;
  if (isHelp) return [span(` ${say.closeHelp} `, 'inverse')];
  if (state.explained !== null) return [span(` ${say.closeExplanation} `, 'inverse')];
  const found = say.found(arrange(containers, state, language).length, containers.length);
  if (isTyping)
    return [
      span(` ${say.filter} ${cells(filter)}█ `, 'inverse'),
      span(` ${found}   ${say.filterKeys}`, 'dim'),
    ];
  const keys = span(say.keys, 'dim');
  return filter === ''
    ? [keys]
    : [span(` ${say.filtered(found, cells(filter))} `, 'yellow'), span(` ${say.clearFilter}  `, 'dim'), keys];
}
