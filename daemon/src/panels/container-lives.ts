import { CLASS_COLOURS } from './colours.ts';
import { CONTAINER_LABEL, levelName } from './container.ts';
import { newestLives } from './lives-query.ts';
import type { Panel } from './panel.ts';

/**
 * One lane per container, from the first cycle that saw it to its removal, or else to the last cycle that saw it. A
 * life that only one cycle saw is drawn as long as a cycle. A container that is still there in the newest cycle has no
 * end.
 */
export const containerLives: Panel = {
  id: 'container-lives',
  title: 'Vida de los contenedores',
  description:
    'Los 15 contenedores gestionados más recientes del rango, con la última clase de cada uno: cuándo aparecieron y ' +
    'cuándo se eliminaron o terminaron.',
  kind: 'timeline',
  unit: 'text',
  states: { bajo: CLASS_COLOURS.low, alto: CLASS_COLOURS.high, 'sin clasificar': CLASS_COLOURS.unknown },
  sql: `WITH newest(at) AS (SELECT MAX(at) FROM cycle WHERE at <= $__to / 1000),
recent AS (
${newestLives('id, name, pid, level, first_seen, last_seen, removed_at', 15)}
),
lane(began, ended, lane, state) AS (
  SELECT MAX(first_seen, $__from / 1000),
         CASE WHEN removed_at IS NULL AND last_seen >= newest.at THEN NULL
              ELSE MAX(COALESCE(removed_at, last_seen), first_seen + 20) END,
         ${CONTAINER_LABEL},
         ${levelName('level', 'sin clasificar')}
  FROM recent, newest
  ORDER BY last_seen DESC, first_seen DESC, id DESC
  LIMIT 15
)
SELECT began AS time, lane, state FROM lane
UNION ALL
SELECT ended, lane, NULL FROM lane WHERE ended <= $__to / 1000
ORDER BY time, lane, state`,
};
