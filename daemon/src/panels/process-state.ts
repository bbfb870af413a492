/** SQL that turns /proc's letter for a process state into words. An unknown letter stays as it is. */
export const STATE_NAME = `CASE state
         WHEN 'R' THEN 'en ejecución (R)'
         WHEN 'S' THEN 'dormido (S)'
         WHEN 'D' THEN 'bloqueado (D)'
         WHEN 'T' THEN 'detenido (T)'
         WHEN 't' THEN 'en depuración (t)'
         WHEN 'Z' THEN 'zombi (Z)'
         WHEN 'X' THEN 'muerto (X)'
         WHEN 'I' THEN 'ocioso (I)'
         ELSE state
       END`;
