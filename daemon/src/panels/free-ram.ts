import type { Panel } from './panel.ts';
import { HOST } from './source.ts';

export const freeRam: Panel = {
  id: 'free-ram',
  title: 'RAM libre',
  description:
    'Memoria que nadie ocupa (MemFree). La caché de archivos no es libre ni está en uso: por eso libre + en uso ' +
    'es menos que el total.',
  kind: 'stat',
  unit: 'kib',
  decimals: 2,
  sql: `WITH ${HOST}
SELECT CAST(free_kb AS REAL) AS "RAM libre" FROM host ORDER BY at DESC LIMIT 1`,
};
