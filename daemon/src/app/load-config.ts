import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import type { Config } from '../model/config.ts';
import type { ManageEntry } from '../model/container-policy.ts';
import { errorMessage } from '../model/error-message.ts';
import { ConfigDocument, ConfigError, problemLine, type SourceFile } from './config-document.ts';
import { dockerHostProblems, type FromEnvironment, override, readEnvironment } from './config-environment.ts';
import { DEMO_SCHEMA, DROP_IN_SCHEMA, MAIN_SCHEMA, type ManageInFile } from './config-schema.ts';

export { ConfigError };

export const CONFIG_FILE = '/etc/vigia/config.yaml';
/** Beside the main file. Its files end in `.yaml`; `vigia protect`, `manage` and `release` write one of them. */
export const DROP_IN_DIRECTORY = 'vigia.d';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ConfigSources {
  readonly main: SourceFile;
  /** In the order of their names. */
  readonly dropIns: readonly SourceFile[];
}

export interface ConfigOptions {
  /** As if the file said `demo: true`. */
  readonly demo?: boolean | undefined;
  /** Receives what is valid and may surprise. */
  readonly warn?: (message: string) => void;
}

/**
 * Reads the named file, which must exist, or CONFIG_FILE if that exists, or else uses the defaults; then the files of
 * `vigia.d` beside it. Environment variables (VIGIA_CONFIG_…) take precedence over the files. Throws ConfigError.
 */
export function loadConfig(
  path: string | undefined,
  environment: Environment = process.env,
  options: ConfigOptions = {},
): Config {
  return parseSources(readSources(path), environment, options);
}

/** The files that make up the configuration. Throws ConfigError when one cannot be read. */
export function readSources(path: string | undefined): ConfigSources {
  const file = path ?? CONFIG_FILE;
  const text = path === undefined && !existsSync(file) ? '' : read(file);
  return {
    main: { file, text },
    dropIns: dropInFiles(file).map((dropIn) => ({ file: dropIn, text: read(dropIn) })),
  };
}

/** The drop-in files beside a main file, by name. Hidden files are none: an editor, or a write that was cut short. */
export function dropInFiles(main: string): string[] {
  const directory = join(dirname(main), DROP_IN_DIRECTORY);
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.yaml') && !name.startsWith('.'))
      .sort()
      .map((name) => join(directory, name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new ConfigError(`${directory}: cannot be read: ${errorMessage(error)}`);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`${file}: cannot be read: ${errorMessage(error)}`);
  }
}

/** Validates the text of a main file without drop-ins. Throws ConfigError with all problems. */
export function parseConfig(source: string, file: string, environment: Environment = {}): Config {
  return parseSources({ main: { file, text: source }, dropIns: [] }, environment);
}

/** Validates and merges the texts of all files. Throws ConfigError with all problems. */
export function parseSources(
  { main, dropIns }: ConfigSources,
  environment: Environment,
  { demo = false, warn = () => {} }: ConfigOptions = {},
): Config {
  const [document, ...others] = openAll([main, ...dropIns]);
  if (document === undefined) throw new ConfigError(`${main.file}: cannot be read`);
  const { settings: set, problems: unknown } = readEnvironment(environment);
  const forced: FromEnvironment = { path: ['demo'], variable: '--demo', value: true };
  const settings = demo ? [...set, forced] : set;
  const contents = override(document.plain, settings);
  const problems = [...unknown, ...dockerHostProblems(environment, contents)];
  const isDemo = [document, ...others].map(demoIn).findLast((value) => value !== undefined);
  const schema = (settings.some(isDemoSetting) ? demoIn({ plain: contents }) : isDemo)
    ? DEMO_SCHEMA
    : MAIN_SCHEMA;
  const parsed = v.safeParse(schema, contents);
  const wrong = (parsed.issues ?? []).map((issue) => {
    const path = (issue.path ?? []).map((step) => step.key);
    const setting = settings.find((one) => one.path.every((key, i) => key === path[i]));
    return problemLine(setting?.variable ?? document.positionOf(path), issue, UNKNOWN_KEY);
  });
  const parts = others.map((dropIn) => parseDropIn(dropIn, wrong)).filter((part) => part !== null);
  if (!parsed.success || problems.length + wrong.length > 0)
    throw new ConfigError([...problems, ...wrong].join('\n'));
  const variable = settings.find(({ path }) => path[0] === 'manage')?.variable;
  const entries = parsed.output.manage.map((entry, i) =>
    entryOf(entry, variable ?? document.lineOf(['manage', i])),
  );
  return merge({ ...parsed.output, manage: entries }, parts, { settings, document, warn });
}

const UNKNOWN_KEY = 'no such setting (vigia config show lists them all)';
const UNKNOWN_DROP_IN_KEY = `a file of ${DROP_IN_DIRECTORY} may set demo, mode, protect, manage and release only; everything else belongs into the main file`;

/** Parses all files, and reports the syntax errors of all of them. */
function openAll(files: readonly SourceFile[]): ConfigDocument[] {
  const problems: string[] = [];
  const documents = files.flatMap((file) => {
    try {
      return [new ConfigDocument(file)];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(error.message);
      return [];
    }
  });
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return documents;
}

const demoIn = ({ plain }: { readonly plain: unknown }): unknown =>
  typeof plain === 'object' && plain !== null && 'demo' in plain ? plain.demo : undefined;
const isDemoSetting = ({ path }: FromEnvironment): boolean => path[0] === 'demo';

interface DropIn {
  readonly document: ConfigDocument;
  readonly values: v.InferOutput<typeof DROP_IN_SCHEMA>;
}

/** null when it is wrong; what is wrong is added to `wrong`. */
function parseDropIn(document: ConfigDocument, wrong: string[]): DropIn | null {
  const parsed = v.safeParse(DROP_IN_SCHEMA, document.plain);
  if (parsed.success) return { document, values: parsed.output };
  for (const issue of parsed.issues) {
    const place = document.positionOf((issue.path ?? []).map((step) => step.key));
    wrong.push(problemLine(place, issue, UNKNOWN_DROP_IN_KEY));
  }
  return null;
}

/** The entry as the model has it. `at` is its place, for messages. */
function entryOf(entry: ManageInFile, at: string): ManageEntry {
  const { allow, priority, cpuPercent, expectedMib, graceSeconds, dependants, ...match } = entry;
  return {
    match,
    allow: allow === 'none' ? [] : (allow ?? null),
    priority: priority ?? null,
    cpuPercent: cpuPercent ?? null,
    expectedMib: expectedMib ?? null,
    graceSeconds: graceSeconds ?? null,
    dependants: dependants ?? [],
    at,
  };
}

interface Around {
  readonly settings: readonly FromEnvironment[];
  readonly document: ConfigDocument;
  readonly warn: (message: string) => void;
}

/**
 * The main configuration with its drop-ins. Lists grow. Of `manage` the first entry that matches counts: those of a later
 * file come first, so that it overrides an earlier one as a single value does. The environment keeps precedence.
 */
function merge(main: Config, dropIns: readonly DropIn[], { settings, document, warn }: Around): Config {
  const grown = (own: readonly string[], more: (values: DropIn['values']) => readonly string[]): string[] => [
    ...new Set([...own, ...dropIns.flatMap(({ values }) => more(values))]),
  ];
  /** The value of the last drop-in that sets it. */
  function overridden<T>(
    key: 'demo' | 'mode',
    own: T,
    other: (values: DropIn['values']) => T | undefined,
  ): T {
    const last = dropIns.findLast(({ values }) => other(values) !== undefined);
    const value = last && other(last.values);
    if (last === undefined || value === undefined || settings.some(({ path }) => path[0] === key)) return own;
    if (key in document.plain && own !== value)
      warn(
        `${last.document.lineOf([key])} sets ${key}: ${value}, which overrides ${key}: ${own} of ${document.file}`,
      );
    return value;
  }
  return {
    ...main,
    demo: overridden('demo', main.demo, (values) => values.demo),
    mode: overridden('mode', main.mode, (values) => values.mode),
    protect: {
      names: grown(main.protect.names, ({ protect }) => protect.names),
      images: grown(main.protect.images, ({ protect }) => protect.images),
    },
    release: { names: grown(main.release.names, ({ release }) => release.names) },
    manage: [
      ...dropIns
        .toReversed()
        .flatMap(({ document, values }) =>
          values.manage.map((entry, i) => entryOf(entry, document.lineOf(['manage', i]))),
        ),
      ...main.manage,
    ],
  };
}
