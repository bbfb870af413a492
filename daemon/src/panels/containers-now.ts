import { kindName, levelName } from './container.ts';
import type { Panel } from './panel.ts';
import { IN_RANGE } from './range.ts';
import { reasonColumn } from './reason-column.ts';

export const containersNow: Panel = {
  id: 'containers-now',
  title: 'Contenedores del último ciclo',
  description:
    'Todos los que el motor conoce. Tipo: Vigía puede eliminar un desechable, limitar o reiniciar un servicio, y solo observa los ajenos y los protegidos. CPU: 100 % es un núcleo. «RAM que liberaría»: la que volvería si terminara (anónima, compartida y del kernel que no se recupera; la caché de archivos no cuenta); la clase sale de esta cifra. «Frenado»: cuánto tiempo lo retuvo su límite de CPU. «Espera»: PSI, parte de los últimos 10 s en que todas sus tareas esperaban. «Límites»: los que puso Vigía.',
  kind: 'table',
  unit: 'text',
  columns: {
    Contenedor: 'text',
    ID: 'text',
    PID: 'text',
    Clase: 'text',
    Tipo: 'text',
    CPU: 'percent',
    RAM: 'percent',
    RSS: 'kib',
    VSZ: 'kib',
    'Del límite': 'percent',
    'RAM que liberaría': 'kib',
    Frenado: 'seconds',
    'Espera RAM': 'percent',
    'Espera E/S': 'percent',
    Límites: 'text',
    Procesos: 'count',
    Leído: 'bytes',
    Escrito: 'bytes',
    'Por qué esa clase': 'text',
    Imagen: 'text',
  },
  containerColumn: 'ID',
  widths: {
    ...{ Contenedor: 170, PID: 70, Clase: 80, Tipo: 90, CPU: 70, RAM: 70, RSS: 80, 'Del límite': 80 },
    ...{ 'RAM que liberaría': 100, Límites: 110 },
  },
  hidden: ['ID', 'VSZ', 'Frenado', 'Espera RAM', 'Espera E/S', 'Procesos', 'Leído', 'Escrito', 'Imagen'],
  sql: `SELECT c.name AS "Contenedor",
       substr(c.id, 1, 12) AS "ID",
       c.pid AS "PID",
       ${levelName('s.level', 'sin clasificar')} AS "Clase",
       ${kindName('c')} AS "Tipo",
       s.cpu_percent AS "CPU",
       s.mem_percent AS "RAM",
       s.rss_kb AS "RSS",
       s.vsz_kb AS "VSZ",
       CAST(100.0 * s.memory_current_kb / s.memory_limit_kb AS REAL) AS "Del límite",
       s.memory_used_kb AS "RAM que liberaría",
       CAST(s.cpu_throttled_ns / 1e9 AS REAL) AS "Frenado",
       s.memory_full_avg10 AS "Espera RAM",
       s.io_full_avg10 AS "Espera E/S",
       NULLIF(LTRIM(
         COALESCE(', CPU ' || CAST(ROUND(s.cpu_limited_to) AS INTEGER) || ' %', '') ||
         COALESCE(', RAM ' || (s.squeezed_to_kb / 1024) || ' MiB', '') ||
         COALESCE(', PID ' || s.pids_limited_to, '') ||
         COALESCE(', I/O ' || CAST(ROUND(s.io_limited_to) AS INTEGER) || ' MiB/s', ''), ', '), '') AS "Límites",
       s.process_count AS "Procesos",
       s.io_read_bytes AS "Leído",
       s.io_write_bytes AS "Escrito",
       ${reasonColumn('s.because')} AS "Por qué esa clase",
       c.image AS "Imagen"
FROM container_sample s JOIN container c ON c.key = s.container
WHERE s.at = (SELECT MAX(at) FROM cycle WHERE ${IN_RANGE})
ORDER BY s.cpu_percent DESC, s.rss_kb DESC, c.key`,
};
