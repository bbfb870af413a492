import type { ProcessRow } from '../../../daemon/src/show/api.ts';
import { kib, percent } from '../format-values.ts';
import { containerPath, Link } from '../router.tsx';
import { words } from '../words/index.ts';
import { type Column, DataTable } from './data-table.tsx';

export function ProcessTable({
  label,
  processes,
}: {
  readonly label: string;
  readonly processes: readonly ProcessRow[];
}) {
  const { columns: title, states } = words().processes;
  const figure = (
    id: keyof typeof title,
    value: (row: ProcessRow) => number,
    format: (value: number) => string,
  ): Column<ProcessRow> => ({
    id,
    title: title[id],
    isNumber: true,
    value,
    cell: (row) => format(value(row)),
  });
  const columns: readonly Column<ProcessRow>[] = [
    figure('pid', ({ pid }) => pid, String),
    {
      id: 'name',
      title: title.name,
      value: ({ name }) => name,
      cell: ({ name }) => <b>{name}</b>,
      class: 'words',
    },
    figure('cpu', (row) => row.cpu_percent, percent),
    figure('mem', (row) => row.mem_percent, percent),
    figure('rss', (row) => row.rss_kb, kib),
    figure('vsz', (row) => row.vsz_kb, kib),
    {
      id: 'state',
      title: title.state,
      value: ({ state }) => state,
      cell: ({ state }) => `${states[state] ?? ''} (${state})`,
    },
    figure('uid', ({ uid }) => uid, String),
    {
      id: 'container',
      title: title.container,
      value: ({ container }) => container,
      cell: ({ container, container_id: id }) =>
        id === null ? '' : <Link href={containerPath(id)}>{container ?? id.slice(0, 12)}</Link>,
      class: 'words',
    },
    {
      id: 'command',
      title: title.command,
      value: ({ cmdline }) => cmdline,
      cell: ({ cmdline }) => <code>{cmdline ?? '–'}</code>,
      class: 'command',
    },
  ];
  return (
    <DataTable label={label} columns={columns} rows={processes} keyOf={({ pid, name }) => `${pid} ${name}`} />
  );
}
