import type { Panel } from './panel.ts';
import { classes } from './source.ts';

export const containersRamOverTime: Panel = {
  id: 'containers-ram-over-time',
  title: 'RAM de los contenedores por clase',
  description:
    'Suma del RSS de los contenedores gestionados (desechables y servicios), promediada por intervalo. La clase no sale del RSS, sino de la memoria que volvería si el contenedor terminara.',
  kind: 'line',
  unit: 'kib',
  stacked: true,
  steps: true,
  sql: `WITH ${classes('rss_kb')}`,
};
