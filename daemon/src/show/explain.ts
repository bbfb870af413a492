import { ONE_AT_A_TIME } from '../model/decision.ts';
import type { Row, Story } from '../record/queries.ts';
import { kib, percent, shortId, time } from './format.ts';

export interface Weighed {
  readonly id: string;
  readonly name: string;
  readonly level: string;
  readonly share: number | null;
  readonly excluded: string | null;
}

export interface Rank {
  readonly rank: number;
  readonly chosen: number;
  readonly weighed: number;
  /** 0 to 1, of the host; null in what an older version wrote. */
  readonly share: number | null;
  readonly next: Pick<Weighed, 'name' | 'share' | 'excluded'> | null;
}

/** A container's story in sentences: what it is, what it did, what was decided about it, against whom, and the outcome. */
export function explain({ container, sample, actions, weighed }: Story): string[] {
  // Of a life that is no longer new only the first digits of the ID are kept; the evidence has it whole.
  const told = actions.flatMap((action) =>
    explainAction(action, String(action['container_id'] ?? container['id'])),
  );
  return [
    introduce(container),
    ...(sample === null ? [] : [judge(sample)]),
    ...(told.length > 0 ? told : [whyNothing(container, weighed)]),
  ];
}

/** Why one action was taken: its reason, its rank among those weighed, the runner-up, and what came of it. */
export function explainAction(action: Row, id: string): string[] {
  const what = DEEDS[String(action['kind'])] ?? String(action['kind']);
  return [
    `Cycle ${action['tick']} at ${time(action['at'])} ${what}: ${action['because']}.`,
    ...(action['kind'] !== 'remove' ? [] : tellRank(parseWeighed(action['candidates']), id)),
    `Outcome: ${action['result']}, ${action['detail']} (${Number(action['took_ms']).toFixed(0)} ms).`,
  ];
}

const DEEDS: Readonly<Record<string, string>> = {
  start: 'started it',
  remove: 'chose it for removal',
  restart: 'restarted it',
  throttle: 'limited its CPU',
  release: 'gave it its CPU back',
};

function introduce(container: Row): string {
  const whose =
    container['protected'] === 1
      ? 'protected: nothing ever touches it'
      : container['managed'] === 1
        ? 'managed by Vigía'
        : 'not managed: it is observed and left alone';
  const declared = container['declared_class'] === null ? '' : `, started as ${container['declared_class']}`;
  const end =
    container['removed_at'] === null
      ? `last seen ${time(container['last_seen'])}`
      : `removed by Vigía ${time(container['removed_at'])}`;
  return `${container['name']} (${shortId(container['id'])}), image ${container['image']}${declared}, is ${whose}. First seen ${time(container['first_seen'])}, ${end}.`;
}

function judge(sample: Row): string {
  return `Last judged ${sample['level']}: ${sample['because']} (CPU ${percent(sample['cpu_percent'])}, RSS ${kib(sample['rss_kb'])}).`;
}

function tellRank(candidates: readonly Weighed[], id: string): string[] {
  const own = rankOf(candidates, id);
  if (own === null) return [];
  const { next } = own;
  const runnerUp =
    next === null
      ? 'There was no other.'
      : `Next was ${next.name}${shareOf(next)}${next.excluded === null ? ', which was chosen too' : `, spared: ${next.excluded}`}.`;
  return [
    `It ranked ${own.rank} of ${own.chosen} chosen${shareOf(own)}; ${own.weighed} were weighed. ${runnerUp}`,
  ];
}

/** Where it stood among those of its class that were chosen, and who came next; null when it was not among them. */
export function rankOf(candidates: readonly Weighed[], id: string): Rank | null {
  const own = candidates.find((candidate) => isOf(candidate, id));
  if (own === undefined) return null;
  const rivals = candidates.filter(({ level, excluded }) => level === own.level && excluded === null);
  const rank = rivals.findIndex((candidate) => isOf(candidate, id));
  if (rank < 0) return null;
  const next =
    rivals[rank + 1] ??
    candidates.find(({ excluded }) => excluded?.startsWith(ONE_AT_A_TIME)) ??
    candidates.find(({ level, excluded }) => level === own.level && excluded !== null);
  return {
    rank: rank + 1,
    chosen: rivals.length,
    weighed: candidates.length,
    share: own.share ?? null,
    next: next === undefined ? null : { name: next.name, share: next.share ?? null, excluded: next.excluded },
  };
}

function whyNothing(container: Row, weighed: Row | null): string {
  if (container['managed'] !== 1) return 'Nothing was ever done to it.';
  const own =
    weighed === null
      ? undefined
      : parseWeighed(weighed['candidates']).find((candidate) => isOf(candidate, String(container['id'])));
  if (weighed === null || own === undefined) return 'Nothing was done to it; no plan has weighed it lately.';
  return `Nothing was done to it. Cycle ${weighed['tick']} at ${time(weighed['at'])} weighed it${shareOf(own)} and spared it: ${own.excluded ?? 'another look came first'}.`;
}

/** Evidence keeps an ID's first digits. */
export const isOf = (candidate: Weighed, id: string): boolean => id.startsWith(candidate.id);

const shareOf = ({ share }: Pick<Weighed, 'share'>): string =>
  typeof share === 'number' ? ` (${(100 * share).toFixed(2)} % of the host)` : '';

/** Written by us; one of an older version may lack a field. */
export function parseWeighed(json: unknown): readonly Weighed[] {
  const list: unknown = JSON.parse(typeof json === 'string' ? json : '[]');
  return Array.isArray(list) ? list : [];
}
