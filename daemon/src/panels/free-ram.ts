import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';

export const freeRam: Panel = {
  id: 'free-ram',
  title: 'RAM libre',
  description:
    'Memoria que nadie ocupa (MemFree). La caché de archivos no es libre ni está en uso: por eso libre + en uso ' +
    'es menos que el total.',
  kind: 'stat',
  unit: 'kib',
  decimals: 2,
  sql: `SELECT free_kb AS "RAM libre" FROM host_sample WHERE ${IN_RANGE} ORDER BY at DESC LIMIT 1`,
};
