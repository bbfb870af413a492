import type { Panel } from './panel.ts';
import { HOST } from './source.ts';

export const totalRam: Panel = {
  id: 'total-ram',
  title: 'RAM total',
  description: 'Memoria física del anfitrión.',
  kind: 'stat',
  unit: 'kib',
  decimals: 2,
  sql: `WITH ${HOST}
SELECT CAST(total_kb AS REAL) AS "RAM total" FROM host ORDER BY at DESC LIMIT 1`,
};
