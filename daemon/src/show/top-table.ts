import type { Because, Row } from '../record/queries.ts';
import { type Language, render } from '../words/language.ts';
import { terminalWords } from '../words/terminal.ts';
import { formatsOf, shortId } from './format.ts';
import { countsForQuotas, kindName } from './policy.ts';
import { cells, fit, fitMiddle, type Span, type Style, span } from './spans.ts';
import type { Sort, TopState } from './top-state.ts';

interface TableColumn {
  readonly title: string;
  readonly width: number;
  readonly right?: true;
  readonly sort?: Sort;
  readonly value: (row: Because, now: Date) => string;
}

/** The columns that fit into so many cells; the reason gets the rest. */
function columnsFor(columns: number, language: Language): TableColumn[] {
  const { columns: titles } = terminalWords(language);
  const { kib, percent } = formatsOf(language);
  const isWide = columns >= 110;
  const name = Math.max(12, Math.min(40, columns - 56));
  const fixed: TableColumn[] = [
    { title: titles.class, width: 9, sort: 'class', value: (row) => classOf(row, language) },
    {
      title: titles.name,
      width: name,
      sort: 'name',
      value: (row) => fitMiddle(cells(`${row['name']}${row['compose'] ? ` ${row['compose']}` : ''}`), name),
    },
    ...(isWide ? [{ title: 'ID', width: 12, value: (row: Row) => shortId(row['id'] ?? '') }] : []),
    ...(isWide
      ? [{ title: 'PID', width: 7, right: true as const, value: (row: Row) => String(row['pid'] ?? '–') }]
      : []),
    { title: 'CPU', width: 8, right: true, sort: 'cpu', value: (row) => percent(row['cpu_percent']) },
    { title: 'RSS', width: 8, right: true, sort: 'memory', value: (row) => kib(row['rss_kb']) },
    { title: titles.age, width: 5, right: true, sort: 'age', value: ageOf },
  ];
  const taken = fixed.reduce((sum, { width }) => sum + width + 1, 0);
  const why = columns - taken;
  return why < 8
    ? fixed
    : [...fixed, { title: titles.why, width: why, value: (row) => cells(render(row.because, language)) }];
}

/** The column titles; an arrow marks the sorted column. */
export function tableHeading({ sort, reversed }: TopState, columns: number, language: Language): Span[] {
  return columnsFor(columns, language).flatMap(({ title, width, right, sort: key }) => {
    const text = key === sort ? `${title}${reversed ? '▲' : '▼'}` : title;
    return [span(`${fit(text, width, right ? 'right' : 'left')} `, 'inverse')];
  });
}

export function containerLine(
  row: Because,
  columns: number,
  { now, language }: { readonly now: Date; readonly language: Language },
): Span[] {
  const style: Style | undefined = !countsForQuotas(row)
    ? 'dim'
    : row['level'] === 'low'
      ? 'cyan'
      : row['level'] === 'high'
        ? 'magenta'
        : 'yellow';
  return columnsFor(columns, language).flatMap(({ sort, width, right, value }) => [
    span(
      fit(value(row, now), width, right ? 'right' : 'left'),
      sort === 'class' ? style : countsForQuotas(row) || row['kind'] === 'service' ? undefined : 'dim',
    ),
    span(' '),
  ]);
}

/** The class of a disposable container; the kind of any other, whose class decides nothing. */
function classOf(row: Row, language: Language): string {
  const { common } = terminalWords(language);
  if (!countsForQuotas(row)) return kindName(row, language);
  const { level } = row;
  return level === 'low' || level === 'high' ? common.classes[level] : '?';
}

function ageOf(row: Row, now: Date): string {
  const seconds = Math.max(0, now.getTime() / 1000 - Number(row['first_seen']));
  if (seconds < 100) return `${Math.round(seconds)}s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)}h` : `${Math.round(seconds / 86_400)}d`;
}

/** Managed ones first, high before low. A managed and protected one keeps its class, since it fills a place of it. */
function rankOf(row: Row): number {
  if (row['managed'] !== 1) return row['protected'] === 1 ? 3 : 4;
  return row['level'] === 'high' ? 0 : row['level'] === 'low' ? 1 : 2;
}

const number = (value: Row[string] | undefined): number =>
  value === null || value === undefined ? -1 : Number(value);

const COMPARE: Readonly<Record<Sort, (a: Row, b: Row) => number>> = {
  class: (a, b) => rankOf(a) - rankOf(b) || COMPARE.cpu(a, b) || COMPARE.memory(a, b),
  cpu: (a, b) => number(b['cpu_percent']) - number(a['cpu_percent']),
  memory: (a, b) => number(b['rss_kb']) - number(a['rss_kb']),
  name: (a, b) => (String(a['name']) < String(b['name']) ? -1 : 1),
  age: (a, b) => number(b['first_seen']) - number(a['first_seen']),
};

/** The containers whose name, ID, image, class or reason holds the filter, sorted. */
export function arrange(
  containers: readonly Because[],
  { sort, reversed, filter }: TopState,
  language: Language,
): Because[] {
  const wanted = filter.toLowerCase();
  const found = containers.filter((row) =>
    [
      row['name'],
      row['id'],
      row['image'],
      row['compose'] ?? '',
      render(row.because, language),
      classOf(row, language),
    ].some((text) => String(text).toLowerCase().includes(wanted)),
  );
  const sorted = found.toSorted(COMPARE[sort]);
  return reversed ? sorted.reverse() : sorted;
}
