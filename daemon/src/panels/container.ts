/** `web (pid 4711, 0123456789ab)`: the name people gave it, the process they see in `ps`, the id Docker prints. */
export const CONTAINER_LABEL = `name || ' (pid ' || COALESCE(pid, '?') || ', ' || substr(id, 1, 12) || ')'`;

/**
 * Managed containers whose life touches the range. The peaks are those of the whole life, kept on the container's own
 * row, so one that was removed long ago costs no more to rank than one that runs.
 */
export const LIVED_IN_RANGE = 'managed = 1 AND last_seen >= $__from / 1000 AND first_seen <= $__to / 1000';

/** The key of the container that `:container` names: by its whole ID or, through the same index, by its beginning. */
export const CHOSEN_CONTAINER =
  "(SELECT key FROM container WHERE :container <> '' AND id >= :container AND id < :container || 'g' ORDER BY id LIMIT 1)";

/** A level in the words of the panels. */
export const levelName = (column: string, otherwise: string): string =>
  `CASE ${column} WHEN 'low' THEN 'bajo' WHEN 'high' THEN 'alto' ELSE '${otherwise}' END`;
