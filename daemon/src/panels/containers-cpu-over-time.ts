import type { Panel } from './panel.ts';
import { classes } from './source.ts';

export const containersCpuOverTime: Panel = {
  id: 'containers-cpu-over-time',
  title: 'CPU de los contenedores por clase',
  description:
    'Suma de la CPU de los contenedores gestionados, promediada por intervalo; 100 % es un núcleo.',
  kind: 'line',
  unit: 'percent',
  stacked: true,
  steps: true,
  sql: `WITH ${classes('cpu_percent')}`,
};
