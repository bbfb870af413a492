import type { Panel } from './panel.ts';
import { HOST } from './source.ts';

export const hostCpu: Panel = {
  id: 'host-cpu',
  title: 'CPU del anfitrión',
  description: 'Todos los núcleos juntos: 100 % es la máquina entera.',
  kind: 'stat',
  unit: 'percent',
  decimals: 1,
  thresholds: [
    { from: null, colour: 'green' },
    { from: 70, colour: 'yellow' },
    { from: 90, colour: 'red' },
  ],
  sql: `WITH ${HOST}
SELECT CAST(cpu_percent / cpus AS REAL) AS "CPU" FROM host WHERE cpu_percent IS NOT NULL ORDER BY at DESC LIMIT 1`,
};
