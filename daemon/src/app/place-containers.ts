import { DockerEngine } from '../engine/docker-engine.ts';
import { inTurn } from '../host/lock.ts';
import { parseAddress } from '../model/compose.ts';
import type { Config } from '../model/config.ts';
import type { ContainerPolicy, ManageEntry } from '../model/container-policy.ts';
import type { Reason } from '../model/reason.ts';
import type { EngineContainer } from '../model/snapshot.ts';
import { matches, policyOf } from '../policy/resolve-policy.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import { TerminalError } from '../words/terminal-error.ts';
import { dropInFileOf, editDropIn, type Request, replaceFile } from './edit-drop-in.ts';
import { type ConfigSources, parseSources, readSources } from './load-config.ts';

/** What a request does to one container. */
export interface Effect {
  readonly name: string;
  readonly before: ContainerPolicy;
  readonly after: ContainerPolicy;
  /** Whether the request is about it. */
  readonly isMeant: boolean;
}

export interface Placed {
  readonly file: string;
  readonly isChanged: boolean;
  readonly config: Config;
  /** The containers that a request is about, and those that change. */
  readonly effects: readonly Effect[];
  /** Requests that are about no container of this host. */
  readonly unmatched: readonly Request[];
  /** Why the containers are unknown, or null. */
  readonly engineFault: Reason | null;
}

/**
 * Puts containers into the lists of the drop-in file, which is replaced only when the whole configuration is valid with
 * it. Throws ConfigError when it is not, or was not before.
 */
export async function placeContainers(
  path: string | undefined,
  requests: readonly Request[],
  environment = process.env,
): Promise<Placed> {
  const edited = () => {
    const sources = readSources(path);
    const file = dropInFileOf(sources.main.file);
    const present = sources.dropIns.find((dropIn) => dropIn.file === file)?.text ?? '';
    const text = requests.reduce(editDropIn, present);
    const before = parseSources(sources, environment);
    const config = parseSources(withDropIn(sources, file, text), environment);
    return { file, before, config, text, isChanged: text !== present };
  };
  let result = edited();
  if (result.isChanged)
    result = await write(result.file, () => {
      const now = edited();
      replaceFile(now.file, now.text);
      return now;
    });
  const { file, before, config, isChanged } = result;
  const containers = await new DockerEngine(config.docker).list().catch(reasonOf);
  if ('code' in containers)
    return { file, isChanged, config, effects: [], unmatched: [], engineFault: containers };
  const meant = (container: EngineContainer) =>
    requests.some(({ match }) => matches(entryOf(match), container));
  const effects = containers.map((container): Effect => {
    const [old, after] = [policyOf(container, before), policyOf(container, config)];
    return { name: container.name, before: old, after, isMeant: meant(container) };
  });
  return {
    ...{ file, isChanged, config, engineFault: null },
    effects: effects.filter((effect) => effect.isMeant || isChange(effect)),
    unmatched: requests.filter(
      ({ match }) => !containers.some((container) => matches(entryOf(match), container)),
    ),
  };
}

/** Whether the container may be treated differently. The place of an entry in its file does not count. */
export function isChange({ before, after }: Pick<Effect, 'before' | 'after'>): boolean {
  const essence = ({ because: _, warnings: __, ...policy }: ContainerPolicy) => JSON.stringify(policy);
  return essence(before) !== essence(after);
}

function withDropIn({ main, dropIns }: ConfigSources, file: string, text: string): ConfigSources {
  const others = dropIns.filter((dropIn) => dropIn.file !== file);
  return { main, dropIns: [...others, { file, text }].sort((a, b) => (a.file < b.file ? -1 : 1)) };
}

async function write<T>(file: string, change: () => T): Promise<T> {
  try {
    return await inTurn(change);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    throw new TerminalError(({ place }) => place.needsRoot(file));
  }
}

const entryOf = (match: ManageEntry['match']): ManageEntry => ({
  ...{
    match: parseAddress(match.name ?? '') ?? match,
    allow: null,
    priority: null,
    cpuPercent: null,
    expectedMib: null,
    graceSeconds: null,
  },
  ...{ dependants: [], at: '' },
});
