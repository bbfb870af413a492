import { kindName, levelName } from './container.ts';
import type { Panel } from './panel.ts';

/** One row: what the chosen container is, and when it lived. It ignores the range: a container has one life. */
export const containerFacts: Panel = {
  id: 'container-facts',
  title: 'Qué contenedor es',
  description: 'Tipo: lo que Vigía puede hacerle. «Fin»: cuándo lo eliminó Vigía; vacío si no lo hizo.',
  kind: 'table',
  unit: 'text',
  perContainer: true,
  columns: {
    Contenedor: 'text',
    ID: 'text',
    PID: 'text',
    Tipo: 'text',
    Clase: 'text',
    Imagen: 'text',
    Visto: 'time',
    'Visto por última vez': 'time',
    Fin: 'time',
    'Pico de CPU': 'percent',
    'Pico de RSS': 'kib',
  },
  sql: `SELECT c.name AS "Contenedor",
       substr(c.id, 1, 12) AS "ID",
       c.pid AS "PID",
       ${kindName('c')} AS "Tipo",
       ${levelName('c.level', 'sin clasificar')} AS "Clase",
       c.image AS "Imagen",
       c.first_seen AS "Visto",
       c.last_seen AS "Visto por última vez",
       c.removed_at AS "Fin",
       c.peak_cpu_percent AS "Pico de CPU",
       c.peak_rss_kb AS "Pico de RSS"
FROM container AS c
WHERE :container <> '' AND c.id >= :container AND c.id < :container || 'g'
ORDER BY c.id
LIMIT 1`,
};
