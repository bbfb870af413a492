import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';

export const usedRam: Panel = {
  id: 'used-ram',
  title: 'RAM en uso',
  description: 'Total menos disponible (MemAvailable): lo que no se puede recuperar sin terminar procesos.',
  kind: 'stat',
  unit: 'kib',
  decimals: 2,
  sql: `SELECT used_kb AS "RAM en uso" FROM host_sample WHERE ${IN_RANGE} ORDER BY at DESC LIMIT 1`,
};
