/**
 * A reason's sentence in a panel: Spanish, as in Grafana. Rows of an earlier version have only the text they were
 * recorded with.
 */
export const reasonColumn = (name: string): string => `coalesce(${name}_es, ${name})`;

/** The same SQL with its reasons in English, for the page. */
export const withEnglishReasons = (sql: string): string =>
  sql.replace(/coalesce\((\w+(?:\.\w+)?)_es, \1\)/g, '$1');
