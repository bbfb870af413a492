import type { PanelInfo, RowsAnswer } from '../../../daemon/src/show/api.ts';
import { inUnit } from '../format-values.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { containerPath, Link } from '../router.tsx';
import { labelOf, REASONS, titleOf, wordOf } from '../words/panels.ts';

type Cells = RowsAnswer['rows'][number];

/** A panel's rows as a table: for panels of kind `table`, and as an alternative to every chart. */
export function PanelTable({ panel, data }: { readonly panel: PanelInfo; readonly data: RowsAnswer }) {
  const columns = data.columns.map((name, i): Column<Cells> => {
    const unit =
      panel.columns?.[name] ?? (name === 'time' || name === 'start' || name === 'end' ? 'time' : panel.unit);
    const isNumber =
      unit !== 'text' && unit !== 'time' && data.rows.some((row) => typeof row[i] === 'number');
    const isReason = REASONS.has(name);
    return {
      id: name,
      title: labelOf(name),
      isNumber,
      value: (row) => row[i] ?? null,
      cell: (row) => {
        const value = row[i];
        if (name === panel.containerColumn && typeof value === 'string' && value !== '')
          return <Link href={containerPath(value)}>{value}</Link>;
        if (typeof value !== 'string') return inUnit(value, unit);
        return isReason ? value : wordOf(name, value);
      },
      class: isReason
        ? 'reason'
        : unit !== 'text' || name === 'ID' || name === panel.containerColumn
          ? 'figure'
          : 'words',
    };
  });
  return (
    <DataTable
      label={titleOf(panel)}
      columns={columns}
      rows={data.rows}
      keyOf={(_, index) => index}
      atFirst={50}
    />
  );
}
