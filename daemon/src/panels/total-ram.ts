import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';

export const totalRam: Panel = {
  id: 'total-ram',
  title: 'RAM total',
  description: 'Memoria física del anfitrión.',
  kind: 'stat',
  unit: 'kib',
  decimals: 2,
  sql: `SELECT total_kb AS "RAM total" FROM host_sample WHERE ${IN_RANGE} ORDER BY at DESC LIMIT 1`,
};
