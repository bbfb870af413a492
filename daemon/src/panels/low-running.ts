import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';
import { REQUIRED } from './required.ts';

export const lowRunning: Panel = {
  id: 'low-running',
  title: `Bajo consumo (cuota ${REQUIRED.low})`,
  description:
    'Contenedores desechables de bajo consumo al terminar el último ciclo. Sin dato donde no rige ninguna cuota.',
  kind: 'stat',
  unit: 'count',
  thresholds: [
    { from: null, colour: 'red' },
    { from: REQUIRED.low, colour: 'green' },
    { from: REQUIRED.low + 1, colour: 'orange' },
  ],
  sql: `SELECT low_after AS "Bajo consumo" FROM (SELECT * FROM cycle WHERE ${IN_RANGE} ORDER BY at DESC, tick DESC LIMIT 1)
WHERE low_keep IS NULL OR low_keep > 0`,
};
