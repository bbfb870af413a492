/** SQL for a name that is at most 20 characters long: one with more keeps its beginning and its end. */
const SHORT_NAME = `CASE WHEN length(name) <= 20 THEN name ELSE substr(name, 1, 10) || '…' || substr(name, -9) END`;

/**
 * SQL for a container's label, such as `web (pid 4711, 0123456789ab)`: its name, shortened, its pid, and its ID as Docker
 * prints it.
 */
export const CONTAINER_LABEL = `${SHORT_NAME} || ' (pid ' || COALESCE(pid, '?') || ', ' || substr(id, 1, 12) || ')'`;

/**
 * SQL for the kind of the container in a row of table `container`. Rows of earlier versions have only the columns
 * `managed` and `protected`.
 */
export const kindName = (table: string): string =>
  `CASE COALESCE(${table}.kind, CASE WHEN ${table}.protected THEN 'protected' WHEN ${table}.managed THEN 'managed' ELSE 'foreign' END)
         WHEN 'disposable' THEN 'desechable' WHEN 'service' THEN 'servicio' WHEN 'managed' THEN 'gestionado'
         WHEN 'protected' THEN 'protegido' ELSE 'ajeno' END`;

/** SQL that turns a class into the panels' word for it; `otherwise` when it has none. */
export const levelName = (column: string, otherwise: string): string =>
  `CASE ${column} WHEN 'low' THEN 'bajo' WHEN 'high' THEN 'alto' ELSE '${otherwise}' END`;
