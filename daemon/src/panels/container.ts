/** `web (pid 4711, 0123456789ab)`: the name people gave it, the process they see in `ps`, the id Docker prints. */
export const CONTAINER_LABEL = `name || ' (pid ' || COALESCE(pid, '?') || ', ' || substr(id, 1, 12) || ')'`;

/** A level in the words of the panels. */
export const levelName = (column: string, otherwise: string): string =>
  `CASE ${column} WHEN 'low' THEN 'bajo' WHEN 'high' THEN 'alto' ELSE '${otherwise}' END`;
