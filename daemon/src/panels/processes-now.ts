import type { Panel } from './panel.ts';
import { STATE_NAME } from './process-state.ts';
import { IN_RANGE } from './range.ts';

export const processesNow: Panel = {
  id: 'processes-now',
  title: 'Procesos del último ciclo',
  description: 'Los de mayor consumo de CPU y de RAM que se guardaron en ese ciclo. CPU: 100 % es un núcleo.',
  kind: 'table',
  unit: 'text',
  columns: {
    PID: 'text',
    Nombre: 'text',
    Estado: 'text',
    CPU: 'percent',
    RAM: 'percent',
    RSS: 'kib',
    VSZ: 'kib',
    UID: 'text',
    Contenedor: 'text',
    Comando: 'text',
  },
  containerColumn: 'Contenedor',
  widths: { PID: 70, Nombre: 120, Estado: 110, CPU: 70, RAM: 70, RSS: 80, VSZ: 80, UID: 60, Contenedor: 120 },
  sql: `SELECT pid AS "PID",
       name AS "Nombre",
       ${STATE_NAME} AS "Estado",
       cpu_percent AS "CPU",
       mem_percent AS "RAM",
       rss_kb AS "RSS",
       vsz_kb AS "VSZ",
       uid AS "UID",
       substr(container_id, 1, 12) AS "Contenedor",
       cmdline AS "Comando"
FROM process_sample
WHERE at = (SELECT MAX(at) FROM cycle WHERE ${IN_RANGE})
ORDER BY cpu_percent DESC, rss_kb DESC, pid`,
};
