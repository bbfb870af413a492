import { levelName } from './container.ts';
import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';
import { reasonColumn } from './reason-column.ts';

export const containersNow: Panel = {
  id: 'containers-now',
  title: 'Contenedores del último ciclo',
  description:
    'Todos los que el motor conoce, también los ajenos y los protegidos, que Vigía nunca toca. CPU: 100 % es un núcleo. «Frenado»: cuánto tiempo lo retuvo su límite de CPU. «Espera»: PSI, parte de los últimos 10 s en que todas sus tareas esperaban.',
  kind: 'table',
  unit: 'text',
  columns: {
    Contenedor: 'text',
    ID: 'text',
    PID: 'text',
    Clase: 'text',
    Gestión: 'text',
    CPU: 'percent',
    RAM: 'percent',
    RSS: 'kib',
    VSZ: 'kib',
    'Del límite': 'percent',
    'RAM sin caché': 'kib',
    Frenado: 'seconds',
    'Espera RAM': 'percent',
    'Espera E/S': 'percent',
    Procesos: 'count',
    Leído: 'bytes',
    Escrito: 'bytes',
    'Por qué esa clase': 'text',
    Imagen: 'text',
  },
  containerColumn: 'ID',
  sql: `SELECT c.name AS "Contenedor",
       substr(c.id, 1, 12) AS "ID",
       c.pid AS "PID",
       ${levelName('s.level', 'sin clasificar')} AS "Clase",
       CASE WHEN c.protected THEN 'protegido' WHEN c.managed THEN 'gestionado' ELSE 'ajeno' END AS "Gestión",
       s.cpu_percent AS "CPU",
       s.mem_percent AS "RAM",
       s.rss_kb AS "RSS",
       s.vsz_kb AS "VSZ",
       CAST(100.0 * s.memory_current_kb / s.memory_limit_kb AS REAL) AS "Del límite",
       s.memory_used_kb AS "RAM sin caché",
       CAST(s.cpu_throttled_ns / 1e9 AS REAL) AS "Frenado",
       s.memory_full_avg10 AS "Espera RAM",
       s.io_full_avg10 AS "Espera E/S",
       s.process_count AS "Procesos",
       s.io_read_bytes AS "Leído",
       s.io_write_bytes AS "Escrito",
       ${reasonColumn('s.because')} AS "Por qué esa clase",
       c.image AS "Imagen"
FROM container_sample s JOIN container c ON c.key = s.container
WHERE s.at = (SELECT MAX(at) FROM cycle WHERE ${IN_RANGE})
ORDER BY s.cpu_percent DESC, s.rss_kb DESC, c.key`,
};
