import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { digits } from '../format-values.ts';
import { words } from '../words/index.ts';

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** Numbers are aligned right, and the first click sorts them from the largest. */
  readonly isNumber?: boolean;
  readonly value: (row: Row) => string | number | null;
  readonly cell: (row: Row) => ComponentChildren;
  readonly class?: string;
}

interface DataTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row, index: number) => string | number;
  /** On a phone, each row is drawn as a block of lines, so that its text is on the screen. */
  readonly isStacked?: boolean;
  /** How many rows are drawn until the viewer asks for all. */
  readonly atFirst?: number;
}

type Order = { readonly id: string; readonly isDown: boolean } | null;

/** A table that sorts by any column: a click sorts, a second one reverses, a third one restores the given order. */
export function DataTable<Row>({
  label,
  columns,
  rows,
  keyOf,
  isStacked = false,
  atFirst = 200,
}: DataTableProps<Row>) {
  const [order, setOrder] = useState<Order>(null);
  const [isWhole, setWhole] = useState(false);
  const by = columns.find(({ id }) => id === order?.id);
  const sorted = by === undefined || order === null ? rows : sortBy(rows, by.value, order.isDown);
  const shown = isWhole ? sorted : sorted.slice(0, atFirst);

  function sortOn({ id, isNumber = false }: Column<Row>): void {
    if (order?.id !== id) setOrder({ id, isDown: isNumber });
    else setOrder(order.isDown === isNumber ? { id, isDown: !isNumber } : null);
  }

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable with the keyboard
    // biome-ignore lint/a11y/useSemanticElements: a group of one table, not of a form's fields
    <div class={isStacked ? 'scroll stacked' : 'scroll'} role="group" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => {
              const isBy = column.id === order?.id;
              const direction = order?.isDown ? 'descending' : 'ascending';
              return (
                <th
                  key={column.id}
                  scope="col"
                  class={classesOf(column, ['roomy'])}
                  aria-sort={isBy ? direction : undefined}
                >
                  <button type="button" onClick={() => sortOn(column)}>
                    {column.title}
                    <span aria-hidden="true" class="arrow">
                      {isBy ? (order?.isDown ? '▾' : '▴') : ''}
                    </span>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            <tr key={keyOf(row, index)}>
              {columns.map((column) => (
                <td key={column.id} class={classesOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < rows.length && (
        <button type="button" class="more" onClick={() => setWhole(true)}>
          {words().panel.more(digits(rows.length, 0))}
        </button>
      )}
    </div>
  );
}

/** The classes of a column's cells, of its own ones only those named. */
function classesOf<Row>({ isNumber, class: own = '' }: Column<Row>, named?: readonly string[]) {
  const all = own.split(' ').filter((one) => named === undefined || named.includes(one));
  return [isNumber ? 'number' : '', ...all].filter(Boolean).join(' ') || undefined;
}

/** Sorts rows. Rows without a value come last in both directions. */
function sortBy<Row>(rows: readonly Row[], value: Column<Row>['value'], isDown: boolean): readonly Row[] {
  const sign = isDown ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    if (typeof left === 'number' && typeof right === 'number') return sign * (left - right);
    return sign * String(left).localeCompare(String(right), undefined, { numeric: true });
  });
}
