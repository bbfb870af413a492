import { counterRates } from './counter-rate.ts';
import type { Panel } from './panel.ts';

export const containerIoOverTime: Panel = {
  id: 'container-io-over-time',
  title: 'E/S del contenedor',
  description:
    'Bytes por segundo que sus procesos leyeron y escribieron (caché incluida), y los que llegaron a un disco.',
  kind: 'line',
  unit: 'bytesPerSecond',
  perContainer: true,
  sql: counterRates({
    Leídos: ['io_read_bytes', 1],
    Escritos: ['io_write_bytes', 1],
    'Del disco': ['block_read_bytes', 1],
    'Al disco': ['block_write_bytes', 1],
  }),
};
