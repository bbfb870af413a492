/**
 * Managed containers whose life touches the range, wherever it is kept, the first few of each place. A life of under ten
 * minutes is found by its end, which lies in the range or less than ten minutes behind it: so a range costs what lies in it,
 * not what came after it. Long lives are few. Every column of the view `life` may be asked for.
 */
const SHORT = 600;
const [FROM, TO] = ['$__from / 1000', '$__to / 1000'];
/** Beyond every time and every peak. */
const NEVER = '9e18';

interface Branch {
  readonly table: 'container' | 'lifetime' | 'lifetime_top';
  /** `container` has both kinds, each with an index of its own. */
  readonly life?: 'short' | 'long';
  readonly condition?: string;
  readonly order: string;
  /** The least `last_seen`; written so that the index of the ends can be used, or cannot. */
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

/** The newest first. */
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
 * The greatest by a peak. Of a table of which a day's worth of lives or less may touch the range, all these are looked at;
 * among more, the index of the peaks finds the first few soon. Which of the two runs is written into the bounds of the two
 * indexes, because SQLite evaluates those once; a `+` keeps it from the index that is wrong for the case.
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
