import type { Panel } from './panel.ts';
import { HOST } from './source.ts';

export const freeRam: Panel = {
  id: 'free-ram',
  title: 'RAM libre',
  description:
    'Memoria que nadie ocupa (MemFree). No es lo disponible: total = en uso + disponible, y lo disponible incluye ' +
    'la caché que se puede recuperar. Por eso libre + en uso no da el total.',
  kind: 'stat',
  unit: 'kib',
  decimals: 2,
  sql: `WITH ${HOST}
SELECT CAST(free_kb AS REAL) AS "RAM libre" FROM host ORDER BY at DESC LIMIT 1`,
};
