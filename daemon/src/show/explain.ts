import type { ActionRow, Because, Row, Story } from '../record/queries.ts';
import { CATALOGUES, type Language, render } from '../words/language.ts';
import { terminalWords } from '../words/terminal.ts';
import { findCandidate, parseCandidates, type RecordedCandidate, rankOf } from './candidates.ts';
import { formatsOf, shortId, time } from './format.ts';
import { describePolicy, limitsOf, type Soft } from './policy.ts';

/**
 * A container's story in sentences: what it is, its policy, its last class, the limits on it, each action on it with the
 * alternatives, the outcomes, and what the engine told. `soft`: the configuration's thresholds, where the container has
 * none of its own. `told`: the newest first.
 */
export function explain(
  { container, sample, actions, considered }: Story,
  soft: Soft,
  language: Language,
  told: readonly Because[] = [],
): string[] {
  const limits = sample === null ? [] : limitsOf(sample, language);
  // Old lives keep only the first digits of the ID, as do the candidates of their cycles.
  const sentences = actions.flatMap((action) =>
    explainAction(action, String(action['container_id'] ?? container['id']), language),
  );
  return [
    introduction(container, language),
    ...(container['compose'] ? [terminalWords(language).orders.compose(String(container['compose']))] : []),
    ...(container.policy === null ? [] : describePolicy(container.policy, soft, language)),
    ...(sample === null ? [] : [lastClass(sample, language)]),
    ...(limits.length === 0 ? [] : [terminalWords(language).containerPolicy.limits(limits.join(', '))]),
    ...(sentences.length > 0 ? sentences : [whyNoAction(container, considered, language)]),
    ...explainTold(told, language),
  ];
}

/** Why one action was taken: its reason, its rank among the candidates, the next candidate, and the outcome. */
export function explainAction(action: ActionRow, id: string, language: Language): string[] {
  const { explain: say } = terminalWords(language);
  const result = String(action['result']);
  return [
    say.action(
      Number(action['tick']),
      time(action['at']),
      say.did[String(action['kind'])] ?? String(action['kind']),
      render(action.because, language),
    ),
    ...(action['kind'] === 'remove' ? rankSentence(parseCandidates(action['candidates']), id, language) : []),
    say.outcome(
      CATALOGUES[language].results[result] ?? result,
      render(action.detail, language),
      `${formatsOf(language).number(action['took_ms'] ?? null, 0)} ms`,
    ),
  ];
}

/** Its last ends and failures, the oldest first, whatever caused them. */
export function explainTold(told: readonly Because[], language: Language): string[] {
  return told
    .filter(isTelling)
    .slice(0, MOST_TOLD)
    .toReversed()
    .map((row) => terminalWords(language).explain.told(time(row['at']), render(row.because, language)));
}

const MOST_TOLD = 5;

/** An OOM that a death followed is told by that death. */
const isTelling = ({ kind, health, because }: Because): boolean =>
  kind === 'die' ||
  (kind === 'oom' && !('died' in because && because.died)) ||
  (kind === 'health_status' && health === 'unhealthy');

function introduction(container: Story['container'], language: Language): string {
  const { explain: say } = terminalWords(language);
  return say.introduction({
    name: String(container['name']),
    id: shortId(container['id']),
    image: String(container['image']),
    declared: container['declared_class'] === null ? null : className(container['declared_class'], language),
    ownership: say.ownership[container.kind],
    first: time(container['first_seen']),
    last: time(container['last_seen']),
    removed: container['removed_at'] === null ? null : time(container['removed_at']),
  });
}

function lastClass(sample: Because, language: Language): string {
  const { kib, percent } = formatsOf(language);
  return terminalWords(language).explain.lastClass(
    className(sample['level'], language),
    render(sample.because, language),
    percent(sample['cpu_percent']),
    kib(sample['rss_kb']),
  );
}

function className(level: unknown, language: Language): string {
  const names: Readonly<Record<string, string>> = CATALOGUES[language].levels;
  return names[String(level)] ?? String(level);
}

function rankSentence(candidates: readonly RecordedCandidate[], id: string, language: Language): string[] {
  const { explain: say } = terminalWords(language);
  const own = rankOf(candidates, id);
  if (own === null) return [];
  const { next } = own;
  const nextSentence =
    next === null
      ? say.noOther
      : next.excluded === null
        ? say.nextSelected(next.name, shareOf(next, language))
        : say.nextExcluded(next.name, shareOf(next, language), render(next.excluded, language));
  return [`${say.rank(own.rank, own.chosen, own.candidates, shareOf(own, language))} ${nextSentence}`];
}

function whyNoAction(container: Story['container'], considered: Row | null, language: Language): string {
  const { explain: say } = terminalWords(language);
  if (container['managed'] !== 1) return say.neverTouched;
  const own =
    considered === null
      ? undefined
      : findCandidate(parseCandidates(considered['candidates']), String(container['id']));
  if (considered === null || own === undefined) return say.notConsidered;
  const because = own.excluded === null ? say.superseded : render(own.excluded, language);
  return say.notSelected(Number(considered['tick']), time(considered['at']), shareOf(own, language), because);
}

const shareOf = ({ share }: Pick<RecordedCandidate, 'share'>, language: Language): string =>
  share === null
    ? ''
    : terminalWords(language).explain.shareOfHost(`${formatsOf(language).number(100 * share, 2)} %`);
