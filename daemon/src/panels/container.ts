/**
 * SQL for a container's label, such as `web (pid 4711, 0123456789ab)`: its name, its pid, and its ID as Docker prints
 * it.
 */
export const CONTAINER_LABEL = `name || ' (pid ' || COALESCE(pid, '?') || ', ' || substr(id, 1, 12) || ')'`;

/** SQL that turns a class into the panels' word for it; `otherwise` when it has none. */
export const levelName = (column: string, otherwise: string): string =>
  `CASE ${column} WHEN 'low' THEN 'bajo' WHEN 'high' THEN 'alto' ELSE '${otherwise}' END`;
