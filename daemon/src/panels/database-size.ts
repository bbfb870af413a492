import type { Panel } from './panel.ts';

export const databaseSize: Panel = {
  id: 'database-size',
  title: 'Base de datos',
  description: 'Tamaño del archivo, sin el diario que lo acompaña.',
  kind: 'stat',
  unit: 'bytes',
  decimals: 1,
  sql: 'SELECT page_count * page_size AS "Base de datos" FROM pragma_page_count(), pragma_page_size()',
};
