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
      `Hay menos de ${REQUIRED.low} de bajo consumo o de ${REQUIRED.high} de alto consumo desde hace dos minutos. ` +
      'Mire «Decisiones y sus razones»: un inicio que falla dice por qué (vigia events --why).',
    sql: `SELECT MAX(0, ${REQUIRED.low} - low_after) + MAX(0, ${REQUIRED.high} - high_after) AS "Faltan"
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
    id: 'breaker-open',
    title: 'Vigía no logra eliminar contenedores',
    description:
      'En tres ciclos seguidos falló todo lo que se quiso eliminar, y el cortacircuitos está abierto. Mire la columna ' +
      '«Detalle» de las decisiones y el estado de Docker (systemctl status docker).',
    sql: `WITH tried(failed) AS (
  SELECT MIN(result = 'failed')
  FROM action
  WHERE kind = 'remove' AND at > (SELECT MAX(at) FROM cycle) - 600
  GROUP BY tick
  ORDER BY tick DESC
  LIMIT 3
)
SELECT CASE WHEN COUNT(*) = 3 AND MIN(failed) = 1 THEN 1 ELSE 0 END AS "Abierto" FROM tried`,
    above: 0,
    forSeconds: 0,
    onNothing: 'ok',
  },
];
