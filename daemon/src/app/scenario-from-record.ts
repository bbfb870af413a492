import type { Observed } from '../record/observed.ts';
import type { Row } from '../record/queries.ts';
import type { Arrival, Kind, Resident, Scenario } from '../simulate/scenario.ts';

const EVERY_SECONDS = 60;
/** Names of containers that Vigía started (act/start-container.ts); a simulated daemon starts its own. */
const STARTED_BY_US = /-floor-[0-9a-f]{8}$/;
/** A kind ends by itself if at least this share of its containers did. */
const ENDS_SHARE = 0.5;

/**
 * A scenario for `vigia simulate` from a recorded host: a kind for each image with what its containers used, the
 * containers present at the start, and the rate of arrivals. Throws when nothing was measured.
 */
export function scenarioFromRecord({ host, firstAt, lastAt, containers }: Observed, about: string): Scenario {
  const measured = containers.filter((row) => row['cpu_percent'] !== null);
  if (host === null || measured.length === 0)
    throw new Error('this record has no measured container: let Vigía run for some minutes first');
  const kindOf = namesOf(measured);
  const seen = containers.filter(
    ({ name, image }) => kindOf.has(String(image)) && !STARTED_BY_US.test(String(name)),
  );
  const isGuest = (row: Row) => row['managed'] === 1 && row['protected'] === 0;
  const isResident = (row: Row) => !isGuest(row) || Number(row['first_seen']) <= firstAt;
  return {
    about,
    host: {
      cpus: Number(host['cpus']),
      totalKb: Number(host['total_kb']),
      systemKb: Math.max(0, Math.round(Number(host['system_kb']))),
    },
    kinds: Object.fromEntries(
      [...kindOf].map(([image, kind]) => [
        kind,
        kindFrom(
          image,
          measured.filter((row) => row['image'] === image),
        ),
      ]),
    ),
    residents: seen.filter(isResident).map((row) => residentFrom(row, kindOf)),
    arrivals: arrivalsFrom(
      seen.filter((row) => !isResident(row)),
      (lastAt - firstAt) / EVERY_SECONDS,
      kindOf,
    ),
  };
}

/** A name for each image: the last part of its name, with a number where two images share it. */
function namesOf(containers: readonly Row[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { image } of containers) {
    if (names.has(String(image))) continue;
    const last = String(image).split('/').at(-1)?.split(/[:@]/)[0] ?? 'kind';
    const alike = [...names.values()].filter((name) => name.replace(/-\d+$/, '') === last).length;
    names.set(String(image), alike === 0 ? last : `${last}-${alike + 1}`);
  }
  return names;
}

function kindFrom(image: string, rows: readonly Row[]): Kind {
  const range = (of: (row: Row) => number, digits: number): [number, number] => {
    const values = rows.map(of);
    const round = (value: number) => Number(value.toFixed(digits));
    return [round(Math.min(...values)), round(Math.max(...values))];
  };
  const ended = rows.filter(
    ({ removed_because_code: code }) => typeof code === 'string' && JSON.parse(code).code === 'ended',
  );
  const lives = ended.map((row) => Number(row['last_seen']) - Number(row['first_seen']));
  const [, most] = range((row) => Number(row['process_count']), 0);
  return {
    image,
    cpuPercent: range((row) => Number(row['cpu_percent']), 4),
    rssKb: range((row) => Number(row['rss_kb']), 0),
    ...(most > 1 && { processes: range((row) => Number(row['process_count']), 0) }),
    ...(ended.length >= ENDS_SHARE * rows.length && {
      livesSeconds: [Math.max(1, Math.min(...lives)), Math.max(1, ...lives)],
    }),
  };
}

function residentFrom(row: Row, kindOf: ReadonlyMap<string, string>): Resident {
  const isManaged = row['managed'] === 1;
  const isProtected = row['protected'] === 1;
  return {
    kind: kindOf.get(String(row['image'])) ?? '',
    count: 1,
    name: String(row['name']),
    ...(!isManaged ? { nature: 'foreign' } : isProtected ? { nature: 'protected' } : {}),
  };
}

function arrivalsFrom(rows: readonly Row[], minutes: number, kindOf: ReadonlyMap<string, string>): Arrival[] {
  const kinds: Record<string, number> = {};
  for (const { image } of rows) {
    const kind = kindOf.get(String(image)) ?? '';
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  if (rows.length === 0) return [];
  const aMinute = rows.length / Math.max(1, minutes);
  // A rate below one a minute becomes one container every several minutes.
  const everySeconds = aMinute < 1 ? Math.round(EVERY_SECONDS / aMinute) : EVERY_SECONDS;
  return [{ everySeconds, count: Math.max(1, Math.round(aMinute)), kinds }];
}
