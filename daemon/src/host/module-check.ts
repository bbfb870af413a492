import { LOAD_MODULES } from '../layout/paths.ts';
import type { ModuleFacts } from '../model/host-facts.ts';
import { lastLine, runCommand } from './command.ts';
import { parseLoadRefusal } from './load-refusal.ts';

/** What the load script would do on this host. It loads and builds nothing. Never throws. */
export async function checkModules(carnet: string, timeoutSeconds: number): Promise<ModuleFacts> {
  const finished = await runCommand(LOAD_MODULES, ['--carnet', carnet, '--check'], { timeoutSeconds });
  const facts = parseModuleCheck(finished.stdout);
  if (finished.code === 0 || facts.because !== null) return facts;
  return { ...facts, because: { code: 'message', text: lastLine(finished).replace(/^load-modules: /, '') } };
}

/** The output of load-modules.sh --check. */
export function parseModuleCheck(stdout: string): ModuleFacts {
  const fieldsOf = (name: string): Map<string, string> | null => {
    const line = stdout.split('\n').find((text) => text.startsWith(`${name}\t`));
    return line === undefined ? null : new Map(line.split('\t').slice(1).map(fieldOf));
  };
  const [tools, signatures] = [fieldsOf('tools'), fieldsOf('signatures')];
  const lines = /^(\w+) (?:(already-loaded) (same|other|unknown)|(installed|file|build))$/gm;
  return {
    modules: [...stdout.matchAll(lines)].map(([, name = '', loaded, identity, way]) => ({
      name,
      way: (loaded ?? way) as ModuleFacts['modules'][number]['way'],
      identity: (identity ?? null) as ModuleFacts['modules'][number]['identity'],
    })),
    because: parseLoadRefusal(stdout),
    tools: tools && {
      hasHeaders: tools.get('headers') === 'yes',
      compiler: tools.get('compiler') ?? '',
      hasMake: tools.get('make') === 'yes',
      install: tools.get('install') ?? '',
    },
    signatures: signatures && {
      isSecureBoot: signatures.get('secure-boot') === 'on',
      lockdown: signatures.get('lockdown') ?? '',
      isEnforced: signatures.get('enforced') === 'yes',
    },
  };
}

function fieldOf(text: string): [name: string, value: string] {
  const [name = '', ...value] = text.split('=');
  return [name, value.join('=')];
}
