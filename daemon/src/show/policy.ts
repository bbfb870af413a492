import type { Config } from '../model/config.ts';
import { type ContainerPolicy, REMEDIES } from '../model/container-policy.ts';
import type { Row } from '../record/queries.ts';
import type { ShownKind } from '../words/catalogue.ts';
import { CATALOGUES, type Language, render } from '../words/language.ts';
import { terminalWords } from '../words/terminal.ts';
import { formatsOf } from './format.ts';

/** What applies where a container has no settings of its own. */
export type Soft = Pick<Config['soft'], 'cpuPercent' | 'graceSeconds'>;

/** In the order of the lists. */
const KINDS: readonly ShownKind[] = ['disposable', 'service', 'managed', 'foreign', 'protected'];

/** How many of the containers are of each kind, for one line: `5 disposable, 2 services`. */
export function kindCounts(containers: readonly Row[], language: Language): string {
  const { containerPolicy: say } = terminalWords(language);
  return KINDS.flatMap((kind) => {
    const count = containers.filter((row) => row['kind'] === kind).length;
    return count === 0 ? [] : [say.counts(kind, count)];
  }).join(', ');
}

/** The kind of container in a word; that of a disposable one is its class. */
export function kindName(row: Row, language: Language): string {
  const names: Readonly<Record<string, string>> = CATALOGUES[language].kinds;
  const kind = String(row['kind']);
  return names[kind] ?? kind;
}

/** Whether the container counts for the quotas: in earlier versions every managed one did. */
export const countsForQuotas = (row: Row): boolean =>
  row['kind'] === 'disposable' || row['kind'] === 'managed';

/** What Vigía may do to the container, and why, in sentences; `soft` is the configuration's. */
export function describePolicy(policy: ContainerPolicy, soft: Soft, language: Language): string[] {
  const { containerPolicy: say, policy: words, orders } = terminalWords(language);
  const { number, percent, kib } = formatsOf(language);
  const { kinds, verbs } = CATALOGUES[language];
  const own = (value: number | null, otherwise: number, format: (figure: number) => string): string =>
    value === null ? say.configured(format(otherwise)) : say.ownThreshold(format(value));
  const isActedOn = policy.kind === 'disposable' || policy.kind === 'service';
  return [
    `${say.kind(kinds[policy.kind], render(policy.because, language))} ${say.may(mayText(policy, words, language))}`,
    ...(isActedOn
      ? [
          say.settings({
            priority: number(policy.priority),
            cpu: own(policy.cpuPercent, soft.cpuPercent, percent),
            memory: policy.expectedKb === null ? null : kib(policy.expectedKb),
            grace: own(policy.graceSeconds, soft.graceSeconds, (seconds) => `${number(seconds)} s`),
          }),
        ]
      : []),
    ...(policy.dependants.length === 0 ? [] : [say.dependants(policy.dependants.join(', '))]),
    ...(policy.paused === undefined
      ? []
      : [orders.explainPaused(policy.paused.until, policy.paused.why, policy.paused.all)]),
    ...(policy.barred ?? []).map(({ kind, until }) => orders.explainBarred(verbs[kind] ?? kind, until)),
    ...policy.warnings.map((warning) => say.warning(render(warning, language))),
  ];
}

function mayText(
  { kind, allow }: ContainerPolicy,
  { may }: ReturnType<typeof terminalWords>['policy'],
  language: Language,
): string {
  if (kind === 'foreign' || kind === 'protected') return may.observe;
  if (kind === 'disposable') return may.anything;
  if (allow.length === 0) return may.advise;
  const { remedies } = CATALOGUES[language];
  return may.only(
    REMEDIES.filter((remedy) => allow.includes(remedy))
      .map((remedy) => `${remedies[remedy]} (${remedy})`)
      .join('; '),
  );
}

/** The limits of a sample that Vigía set, each with its value; empty where there is none. */
export function limitsOf(sample: Row, language: Language): string[] {
  const { containerPolicy: say } = terminalWords(language);
  const { number, percent, kib } = formatsOf(language);
  const known = (column: string, text: (value: number) => string): string[] => {
    const value = sample[column] ?? null;
    return value === null ? [] : [text(Number(value))];
  };
  return [
    ...known('cpu_limited_to', (value) => say.limit('cpu', percent(value))),
    ...known('squeezed_to_kb', (value) => say.limit('memory', kib(value))),
    ...known('pids_limited_to', (value) => say.limit('pids', number(value))),
    ...known('io_limited_to', (value) => say.limit('io', `${number(value)} MiB/s`)),
  ];
}
