import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';
import { REQUIRED } from './required.ts';

export const highRunning: Panel = {
  id: 'high-running',
  title: `Alto consumo (cuota ${REQUIRED.high})`,
  description:
    'Contenedores desechables de alto consumo al terminar el último ciclo. Sin dato donde no rige ninguna cuota.',
  kind: 'stat',
  unit: 'count',
  thresholds: [
    { from: null, colour: 'red' },
    { from: REQUIRED.high, colour: 'green' },
    { from: REQUIRED.high + 1, colour: 'orange' },
  ],
  sql: `SELECT high_after AS "Alto consumo" FROM (SELECT * FROM cycle WHERE ${IN_RANGE} ORDER BY at DESC, tick DESC LIMIT 1)
WHERE high_keep IS NULL OR high_keep > 0`,
};
