import { Command, InvalidArgumentError } from 'commander';
import type { Placement, Request } from '../app/edit-drop-in.ts';
import type { Placed } from '../app/place-containers.ts';
import { type ManageEntry, REMEDIES, type Remedy } from '../model/container-policy.ts';
import { render } from '../words/language.ts';
import { inertLines, LANGUAGE, paint, WORDS, withHelp } from './common.ts';
import { mayText } from './policy-text.ts';

type Match = ManageEntry['match'];

export function protectCommand(): Command {
  const protect = new Command('protect')
    .description('keep Vigía from ever acting on a container')
    .argument('<name...>', NAMES, validName)
    .action((names: string[], _options, command: Command) => place(command, 'protect', matchesOf(names, {})));
  return withHelp(protect, {
    notes: NOTES,
    examples: [['sudo vigia protect db', 'observe the container db, and never act on it']],
  });
}

export function manageCommand(): Command {
  const manage = withMatches(
    new Command('manage')
      .description("put containers into Vigía's care, without re-creating them")
      .argument('[name...]', NAMES, validName),
  )
    .option('--allow <remedies>', `none, or a list of ${REMEDIES.join(', ')}`, remedies)
    .action((names: string[], options: Options, command: Command) =>
      place(command, 'manage', matchesOf(names, options, command), options.allow ?? null),
    );
  return withHelp(manage, {
    notes: `A managed container is never removed. By default Vigía may limit it and restart it and, when memory runs out
and it is the culprit, kill its processes.

${NOTES}`,
    examples: [
      ['sudo vigia manage web', 'the container web'],
      ['sudo vigia manage web --allow throttle,restart', 'nothing else'],
      ['sudo vigia manage --project shop', 'every container of a Compose project'],
      ['sudo vigia manage --image postgres --allow none', 'advice only'],
    ],
  });
}

export function releaseCommand(): Command {
  const release = withMatches(
    new Command('release')
      .description('keep Vigía from acting on a container that it manages or protects')
      .argument('[name...]', NAMES, validName),
  ).action((names: string[], options: Options, command: Command) =>
    place(command, 'release', matchesOf(names, options, command)),
  );
  return withHelp(release, {
    notes: `Limits that Vigía has set on it are lifted. With an option instead of a name, the entry that "vigia manage" wrote
with the same option is removed.

${NOTES}`,
    examples: [
      ['sudo vigia release web', 'whatever its labels and the main file say'],
      ['sudo vigia release --project shop', 'undo "vigia manage --project shop"'],
    ],
  });
}

const NAMES = 'names of containers, or of Compose services (project/service) and projects (project/)';

const NOTES = `The entry is written into vigia.d/containers.yaml beside the configuration. A running Vigía applies it at its
next cycle.`;

interface Options extends Match {
  readonly allow?: readonly Remedy[];
}

const withMatches = (command: Command): Command =>
  command
    .option('--project <name>', 'containers of a Compose project')
    .option('--service <name>', 'containers of a Compose service; with --project, of that project only')
    .option('--image <name>', 'containers of an image, whatever its tag')
    .option('--label <label>', 'containers with a label: KEY or KEY=VALUE');

/** One match for each name; the options are one match together. */
function matchesOf(
  names: readonly string[],
  { project, service, image, label }: Match,
  command?: Command,
): Match[] {
  const given = Object.entries({ project, service, image, label }).filter(([, value]) => value !== undefined);
  if (given.some(([, value]) => value === '')) usage(command, 'the option needs a value');
  if (names.length === 0 && given.length === 0)
    usage(command, 'name a container, or use --project, --service, --image or --label');
  if (names.length > 0 && given.length > 0)
    usage(
      command,
      'a name already says which container: leave out --project, --service, --image and --label',
    );
  return names.length > 0 ? names.map((name) => ({ name })) : [Object.fromEntries(given)];
}

const usage = (command: Command | undefined, message: string): void =>
  command?.error(`error: ${message}`, { exitCode: 2 });

/** commander calls it with each name and those before it. */
function validName(name: string, before: string[] = []): string[] {
  if (!/^[a-zA-Z0-9][\w.-]*(?:\/[\w.-]*)?$/.test(name))
    throw new InvalidArgumentError('It is not a name of a container, nor project/service.');
  return [...before, name];
}

function remedies(text: string): readonly Remedy[] {
  if (text === 'none') return [];
  const tokens = text.split(',').map((token) => token.trim());
  const unknown = tokens.find((token) => !REMEDIES.some((remedy) => remedy === token));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`It must be none, or a list of ${REMEDIES.join(', ')} with commas.`);
  return REMEDIES.filter((remedy) => tokens.includes(remedy));
}

async function place(
  command: Command,
  placement: Placement,
  matches: readonly Match[],
  allow: readonly Remedy[] | null = null,
): Promise<void> {
  const { config } = command.optsWithGlobals<{ config?: string }>();
  const { placeContainers } = await import('../app/place-containers.ts');
  const requests = matches.map((match): Request => ({ placement, match, allow }));
  const placed = await placeContainers(config, requests);
  const { effects, warnings } = await describe(placement, placed);
  for (const line of effects) console.log(inertLines(line));
  for (const line of warnings)
    console.error(paint('yellow', WORDS.place.warning(inertLines(line)), process.stderr));
}

/** The kind that each list gives. */
const KIND = { protect: 'protected', manage: 'service', release: 'foreign' } as const;

async function describe(
  placement: Placement,
  { file, isChanged, config, effects, unmatched, engineFault }: Placed,
): Promise<{ effects: string[]; warnings: string[] }> {
  const { place: say, policy } = WORDS;
  const { isChange } = await import('../app/place-containers.ts');
  const lines = effects.map((effect) => {
    const { name, before, after } = effect;
    const kind = policy.kinds[after.kind];
    if (!isChange(effect)) return say.unchanged(name, kind, mayText(after));
    return say.changes(name, policy.kinds[before.kind], kind, mayText(after));
  });
  const warnings = [
    ...(engineFault === null ? [] : [say.engineSilent(render(engineFault, LANGUAGE))]),
    ...unmatched.map(({ match }) => say.noContainer(textOf(match))),
    ...effects
      .filter(({ isMeant, after }) => isMeant && after.kind !== KIND[placement])
      .map(({ name, after }) =>
        say.notAsAsked(name, policy.kinds[after.kind], render(after.because, LANGUAGE)),
      ),
    ...(placement === 'manage' && config.mode !== 'enforce' ? [say.onlyObserves(config.mode)] : []),
  ];
  return { effects: [isChanged ? say.written(file) : say.nothingToWrite(file), ...lines], warnings };
}

const textOf = (match: Match): string =>
  Object.entries(match)
    .map(([field, value]) => (field === 'name' ? value : `${field} ${value}`))
    .join(', ');
