import { REQUIRED } from './required.ts';

/** A Grafana alert: a query for one number, and the limit and duration after which the alert fires. */
export interface Alert {
  readonly id: string;
  readonly title: string;
  /** What happened and what to do. */
  readonly description: string;
  /** SQLite without placeholders: Grafana's alert engine does not replace them. */
  readonly sql: string;
  /** Fires when the number stays above this for `forSeconds`. */
  readonly above: number;
  readonly forSeconds: number;
  /** Whether an answer without rows fires the alert. */
  readonly onNothing: 'alert' | 'ok';
}

export const alerts: readonly Alert[] = [
  {
    id: 'floor-violated',
    title: 'Faltan contenedores requeridos',
    description:
      'Desde hace dos minutos hay menos contenedores desechables de bajo o de alto consumo que los que piden las cuotas. ' +
      'Mire «Decisiones y sus razones»: un inicio que falla dice por qué (vigia events --why).',
    sql: `SELECT MAX(0, COALESCE(low_keep, ${REQUIRED.low}) - low_after)
       + MAX(0, COALESCE(high_keep, ${REQUIRED.high}) - high_after) AS "Faltan"
FROM cycle
ORDER BY at DESC, tick DESC
LIMIT 1`,
    above: 0,
    forSeconds: 120,
    onNothing: 'ok',
  },
  {
    id: 'sensor-stale',
    title: 'Vigía no observa',
    description:
      'La última muestra del anfitrión tiene más de 90 segundos: Vigía está detenido, o sus sensores no responden. ' +
      'Mire vigia status y el registro del servicio.',
    sql: `SELECT CAST(strftime('%s', 'now') AS INTEGER) - MAX(at) AS "Segundos" FROM host_sample`,
    above: 90,
    forSeconds: 0,
    onNothing: 'alert',
  },
  {
    id: 'removals-fail',
    title: 'Vigía no logra eliminar contenedores',
    description:
      'Tres veces seguidas falló eliminar el mismo contenedor. Vigía lo aparta por un rato y sigue con los demás. Mire la ' +
      'columna «Detalle» de las decisiones y el estado de Docker (systemctl status docker).',
    sql: `WITH tried(container_id, result, nth) AS (
  SELECT container_id, result, ROW_NUMBER() OVER (PARTITION BY container_id ORDER BY id DESC)
  FROM action
  WHERE kind = 'remove' AND result <> 'skipped' AND at > (SELECT MAX(at) FROM cycle) - 600
)
SELECT COUNT(*) AS "Apartados" FROM (
  SELECT 1 FROM tried WHERE nth <= 3 GROUP BY container_id HAVING COUNT(*) = 3 AND MIN(result = 'failed') = 1
)`,
    above: 0,
    forSeconds: 0,
    onNothing: 'ok',
  },
];
