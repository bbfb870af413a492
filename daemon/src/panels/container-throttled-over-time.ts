import { counterRates } from './counter-rate.ts';
import type { Panel } from './panel.ts';

export const containerThrottledOverTime: Panel = {
  id: 'container-throttled-over-time',
  title: 'Frenado y espera del contenedor',
  description:
    'Parte del tiempo en que su límite de CPU lo retuvo, y en que todas sus tareas esperaban memoria, disco o CPU (PSI). ' +
    'Frenado puede pasar de 100 %: se suma el de cada núcleo.',
  kind: 'line',
  unit: 'percent',
  perContainer: true,
  sql: counterRates({
    Frenado: ['cpu_throttled_ns', 1e-7],
    'Espera RAM': ['memory_full_total_us', 1e-4],
    'Espera E/S': ['io_full_total_us', 1e-4],
    'Espera CPU': ['cpu_some_total_us', 1e-4],
  }),
};
