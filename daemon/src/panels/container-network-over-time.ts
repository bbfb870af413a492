import { counterRates } from './counter-rate.ts';
import type { Panel } from './panel.ts';

export const containerNetworkOverTime: Panel = {
  id: 'container-network-over-time',
  title: 'Red del contenedor',
  description:
    'Bytes por segundo en sus interfaces, sin la local (lo). Vacío si comparte la red del anfitrión.',
  kind: 'line',
  unit: 'bytesPerSecond',
  perContainer: true,
  sql: counterRates({ Recibidos: ['net_rx_bytes', 1], Enviados: ['net_tx_bytes', 1] }),
};
