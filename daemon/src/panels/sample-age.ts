import type { Panel } from './panel.ts';

/** Looks back beyond the range: when Vigía stopped yesterday, the panel must show an old sample, not "no data". */
export const sampleAge: Panel = {
  id: 'sample-age',
  title: 'Edad de los datos',
  description:
    'Al final del rango elegido. Con el ciclo de 20 s, más de un minuto significa que Vigía no observa.',
  kind: 'stat',
  unit: 'seconds',
  decimals: 0,
  thresholds: [
    { from: null, colour: 'green' },
    { from: 45, colour: 'yellow' },
    { from: 90, colour: 'red' },
  ],
  sql: `SELECT $__to / 1000 - at AS "Edad" FROM host_sample WHERE at <= $__to / 1000 ORDER BY at DESC LIMIT 1`,
};
