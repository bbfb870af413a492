import type { Reason } from '../model/reason.ts';
import { type Finished, lastLine } from './command.ts';

/** The codes that scripts/loading/*reasons.sh name, and the parameters of each. All of them are text. */
const PARAMETERS = {
  'kernel-without-modules': ['release'],
  'module-loading-disabled': [],
  'kernel-too-old': ['oldest', 'release'],
  'module-key-unknown': ['module', 'error', 'key'],
  'module-not-signed': ['module', 'error', 'key', 'sources', 'version', 'install'],
  'module-locked-down': ['module', 'error', 'level'],
  'module-not-permitted': ['module', 'error'],
  'module-for-other-kernel': ['file', 'builtFor', 'release', 'install'],
  'module-damaged': ['file', 'error', 'install'],
  'module-installed-damaged': ['module', 'error'],
  'module-name-taken': ['path'],
  'module-sources-missing': ['module', 'release', 'sources'],
  'module-not-installed': ['module', 'release'],
  'kernel-headers-missing': ['module', 'release', 'install'],
  'tool-missing': ['tool', 'install'],
  'compiler-differs': ['release', 'compiler', 'used', 'error', 'install'],
  'module-other-carnet': ['module', 'present', 'path', 'carnet', 'reload'],
  'module-without-file': ['module', 'folder', 'reload'],
  'bpf-no-types': ['release', 'path'],
  'bpf-locked-down': [],
  'bpf-no-file-system': ['path'],
  'bpf-files-missing': ['file'],
  'build-failed': ['release', 'error', 'command'],
  'insert-failed': ['what', 'error'],
  'loader-not-allowed': ['what', 'unit', 'reload'],
  'loading-needs-root': [],
  'loading-lock-unusable': ['lock', 'variable'],
  'loading-lock-held': ['lock', 'seconds'],
} as const satisfies { readonly [C in Reason['code']]?: readonly ParameterOf<C>[] };

type ParameterOf<C extends Reason['code']> = Exclude<keyof Extract<Reason, { code: C }>, 'code'>;

/** In characters: the reason is stored with every cycle. */
const LONGEST_PARAMETER = 500;

/** Why a load script failed: its own reason. One without was killed, or did not start; then its last line. */
export function whyNotLoaded(finished: Finished): Reason {
  const text = lastLine(finished)
    .replace(/^load-(modules|bpf): /, '')
    .slice(0, LONGEST_PARAMETER);
  return parseLoadRefusal(finished.stdout) ?? { code: 'message', text };
}

/** The reason that the load script printed, or null if it printed none that is known. */
export function parseLoadRefusal(stdout: string): Reason | null {
  const line = stdout.split('\n').findLast((text) => text.startsWith('reason\t'));
  const [, code = '', ...fields] = line?.split('\t') ?? [];
  if (!Object.hasOwn(PARAMETERS, code)) return null;
  const names: readonly string[] = PARAMETERS[code as keyof typeof PARAMETERS];
  const given = new Map(
    fields.map((field) => {
      const [name = '', ...value] = field.split('=');
      return [name, value.join('=').slice(0, LONGEST_PARAMETER)];
    }),
  );
  const parameters = names.map((name) => [name, given.get(name)] as const);
  if (parameters.some(([, value]) => value === undefined)) return null;
  return { code, ...Object.fromEntries(parameters) } as Reason;
}
