/**
 * The list from which a viewer chooses one container: the most recently seen come first. Rows: `__text` and `__value`,
 * the beginning of an ID. It ignores the time range, because Grafana's data source runs it without one.
 */
export const containersToChoose = {
  title: 'Contenedor',
  sql: `SELECT name || ' (' || substr(id, 1, 12) || ')' AS __text, substr(id, 1, 12) AS __value
FROM (SELECT * FROM container ORDER BY last_seen DESC LIMIT 200)
ORDER BY last_seen DESC, managed DESC, level, first_seen DESC, id DESC`,
} as const;
