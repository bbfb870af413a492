import type { Panel } from './panel.ts';
import { HOST } from './source.ts';

export const usedRam: Panel = {
  id: 'used-ram',
  title: 'RAM en uso',
  description:
    'Total menos disponible (MemAvailable), no menos libre: lo que no se puede recuperar sin terminar procesos.',
  kind: 'stat',
  unit: 'kib',
  decimals: 2,
  sql: `WITH ${HOST}
SELECT CAST(used_kb AS REAL) AS "RAM en uso" FROM host ORDER BY at DESC LIMIT 1`,
};
