/**
 * What a viewer chooses one container from: the newest, those that run first. Rows: `__text`, `__value` (an ID's beginning).
 * It does not look at the time range: Grafana's data source runs it without one.
 */
export const containersToChoose = {
  title: 'Contenedor',
  sql: `SELECT name || ' (' || substr(id, 1, 12) || ')' AS __text, substr(id, 1, 12) AS __value
FROM (SELECT * FROM container ORDER BY last_seen DESC LIMIT 200)
ORDER BY last_seen DESC, managed DESC, level, first_seen DESC, id DESC`,
} as const;
