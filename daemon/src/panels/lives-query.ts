// SQL for the lives of managed containers that overlap the range: the first few of each of the three tables that hold
// lives. Any column of the view `life` may be selected.

/**
 * Lives shorter than this many seconds are found by their end, which lies in the range or less than SHORT after it: the
 * cost of a query then depends on the range, and not on what came after it. Longer lives are few.
 */
const SHORT = 600;
const [FROM, TO] = ['$__from / 1000', '$__to / 1000'];
/** Larger than every time and every peak. */
const NEVER = '9e18';

/** One of the queries that a UNION ALL combines. */
interface Branch {
  readonly table: 'container' | 'lifetime' | 'lifetime_top';
  /** `container` holds short and long lives, each with an index of its own. */
  readonly life?: 'short' | 'long';
  readonly condition?: string;
  readonly order: string;
  /** Lower bound of `last_seen`, written so that SQLite can, or cannot, use the index of the ends. */
  readonly end?: string;
}

function branch(columns: string, { table, life, condition, order, end }: Branch, limit: number): string {
  const conditions = [
    'managed = 1',
    `first_seen <= ${TO}`,
    end ?? `last_seen >= ${FROM}`,
    ...(life === undefined ? [] : [`last_seen - first_seen ${life === 'short' ? '<' : '>='} ${SHORT}`]),
    ...(life === 'short' || table === 'lifetime' ? [`last_seen <= ${TO} + ${SHORT}`] : []),
    ...(condition === undefined ? [] : [condition]),
  ];
  return `SELECT * FROM (SELECT ${columns} FROM ${table}
  WHERE ${conditions.join(' AND ')}
  ORDER BY ${order} LIMIT ${limit})`;
}

/** The newest lives. `columns` is a list of columns of the view `life`; each branch gives up to `limit` rows. */
export function newestLives(columns: string, limit: number): string {
  const order = 'last_seen DESC, first_seen DESC, id DESC';
  const branches: readonly Branch[] = [
    { table: 'container', life: 'short', order },
    { table: 'container', life: 'long', order },
    { table: 'lifetime', order },
    { table: 'lifetime_top', order },
  ];
  return branches.map((one) => branch(columns, one, limit)).join('\nUNION ALL\n');
}

/**
 * The lives with the highest peak. When at most a day's worth of lives of a table can overlap the range, all of them
 * are read by the index of their ends; otherwise the index of the peaks finds the first few quickly. Both branches are
 * in the SQL: the bounds of the one that does not apply exclude every row, and SQLite evaluates bounds only once. A `+`
 * keeps a column from using the wrong index.
 */
export function greatestLives(columns: string, peak: string, limit: number): string {
  const all = `${TO} - ${FROM} <= 86400`;
  const allOfLifetime = `MIN(${TO}, (SELECT MAX(last_seen) FROM lifetime)) - MAX(${FROM}, (SELECT MIN(last_seen) FROM lifetime)) <= 86400`;
  const byEnd = (when: string) => ({
    end: `last_seen >= CASE WHEN ${when} THEN ${FROM} ELSE ${NEVER} END`,
    condition: `+${peak} > 0`,
    order: `+${peak} DESC, id`,
  });
  const byPeak = (unless: string) => ({
    end: `+last_seen >= ${FROM}`,
    condition: `${peak} > CASE WHEN ${unless} THEN ${NEVER} ELSE 0 END`,
    order: `${peak} DESC, id`,
  });
  const branches: readonly Branch[] = [
    { table: 'container', life: 'short', ...byEnd(all) },
    { table: 'container', life: 'long', ...byEnd(all) },
    { table: 'container', ...byPeak(all) },
    { table: 'lifetime', ...byEnd(allOfLifetime) },
    { table: 'lifetime', ...byPeak(allOfLifetime) },
    { table: 'lifetime_top', condition: `${peak} > 0`, order: `${peak} DESC, id` },
  ];
  return branches.map((one) => branch(columns, one, limit)).join('\nUNION ALL\n');
}
