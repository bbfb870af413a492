import { Argument, Command, type Option } from 'commander';
import { withHelp } from './common.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** What may follow a chain of commands; `path` is `vigia`, `vigia config` or `vigia config show`. */
interface Place {
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly (Word & { readonly takesValue: boolean; readonly takesFile: boolean })[];
  /** An argument may be a file. */
  readonly takesFile: boolean;
}

interface Word {
  readonly text: string;
  readonly about: string;
}

export function completionCommand(): Command {
  const completion = new Command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action((shell: Shell, _options, command: Command) => {
      process.stdout.write(SCRIPTS[shell](placesOf(command.parent ?? command)));
    });
  return withHelp(completion, {
    examples: [
      ['source <(vigia completion bash)', 'for this shell'],
      ['vigia completion bash > /etc/bash_completion.d/vigia', 'for every user'],
      'vigia completion zsh > /usr/local/share/zsh/site-functions/_vigia',
      'vigia completion fish > ~/.config/fish/completions/vigia.fish',
    ],
  });
}

/** Every place of the tree of commands, the root first. */
function placesOf(command: Command, parents: readonly string[] = []): Place[] {
  const path = [...parents, command.name()];
  const visible = command.createHelp();
  const commands = visible.visibleCommands(command);
  const place: Place = {
    path: path.join(' '),
    commands: [
      ...commands.map((sub) => ({ text: sub.name(), about: aboutOf(sub.description()) })),
      ...command.registeredArguments.flatMap(({ argChoices }) =>
        (argChoices ?? []).map((text) => ({ text, about: '' })),
      ),
    ],
    options: visible.visibleOptions(command).flatMap(wordsOf),
    takesFile: command.registeredArguments.some((argument) => argument.name() === 'file'),
  };
  // The help command is not one of `command.commands`: it has no place.
  const deeper = commands.filter((sub) => command.commands.includes(sub));
  return [place, ...deeper.flatMap((sub) => placesOf(sub, path))];
}

function wordsOf(option: Option): Place['options'] {
  const about = aboutOf(option.description);
  const takesValue = option.required || option.optional;
  const takesFile = /<(?:[\w-]+-)?(?:file|database)>/.test(option.flags);
  return [option.long, option.short].flatMap((text) =>
    text ? [{ text, about, takesValue, takesFile }] : [],
  );
}

/** The description in one line, without characters that a shell, or a list of zsh or fish, would interpret. */
const aboutOf = (description: string): string =>
  description
    .replaceAll(':', ' –')
    .replaceAll(/['"`\\$[\]]/g, '’')
    .replaceAll(/\s+/g, ' ');

const SCRIPTS: Readonly<Record<Shell, (places: readonly Place[]) => string>> = {
  bash: (places) => `# bash completion for vigia; written by: vigia completion bash
_vigia() {
  local word=\${COMP_WORDS[COMP_CWORD]} place=vigia i
${walk(places, '  for ((i = 1; i < COMP_CWORD; i++)); do', `"$place \${COMP_WORDS[i]}"`)}
  COMPREPLY=()
  case $place in
${places
  .map(
    ({ path, commands, options, takesFile }) =>
      `    '${path}') COMPREPLY=($(compgen -W '${[...commands, ...options].map(({ text }) => text).join(' ')}' -- "$word"))${takesFile ? ' COMPREPLY+=($(compgen -f -- "$word"))' : ''} ;;`,
  )
  .join('\n')}
  esac
  case \${COMP_WORDS[COMP_CWORD-1]} in
    ${fileOptions(places)}) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -o filenames -F _vigia vigia
`,
  zsh: (places) => `#compdef vigia
# zsh completion for vigia; written by: vigia completion zsh
_vigia() {
  # All commands are shown at once: zsh would ask first, since they are many.
  compstate[list_max]=0
  local place=vigia i
${walk(places, '  for ((i = 2; i < CURRENT; i++)); do', `"$place \${words[i]}"`)}
  case \${words[CURRENT-1]} in
    ${fileOptions(places)}) _files; return ;;
  esac
  local -a found
  case $place in
${places
  .map(
    ({ path, commands, options, takesFile }) =>
      `    '${path}') found=(${[...commands, ...options].map(({ text, about }) => `'${text}:${about}'`).join(' ')})${takesFile ? '; _files' : ''} ;;`,
  )
  .join('\n')}
  esac
  _describe vigia found
}
if [[ $funcstack[1] == _vigia ]]; then _vigia "$@"; else compdef _vigia vigia; fi
`,
  fish: (places) => `# fish completion for vigia; written by: vigia completion fish
function __vigia_place
  set -l place vigia
  for word in (commandline -opc)[2..]
    switch "$place $word"
      case ${deeper(places)
        .map((path) => `'${path}'`)
        .join(' ')}
        set place "$place $word"
    end
  end
  test "$place" = "$argv"
end
complete -c vigia -f
${places
  .flatMap(({ path, commands, options, takesFile }) => [
    ...commands.map(({ text, about }) => `${at(path)} -a '${text}' -d '${about}'`),
    ...options.map(({ text, about, takesValue, takesFile }) => {
      const name = text.startsWith('--') ? `-l ${text.slice(2)}` : `-s ${text.slice(1)}`;
      return `${at(path)} ${name} -d '${about}'${takesValue ? (takesFile ? ' -rF' : ' -x') : ''}`;
    }),
    ...(takesFile ? [`${at(path)} -F`] : []),
  ])
  .join('\n')}
`,
};

/** Code for bash and zsh that follows the words down the tree; other words (options, values) change nothing. */
function walk(places: readonly Place[], loop: string, next: string): string {
  const known = deeper(places)
    .map((path) => `'${path}'`)
    .join('|');
  return `${loop}
    case ${next} in
      ${known}) place=${next} ;;
    esac
  done`;
}

const deeper = (places: readonly Place[]): string[] => places.slice(1).map(({ path }) => path);
const at = (path: string): string => `complete -c vigia -n '__vigia_place ${path}'`;
const fileOptions = (places: readonly Place[]): string => {
  const options = places.flatMap((place) => place.options).filter(({ takesFile }) => takesFile);
  return [...new Set(options.map(({ text }) => text))].join('|');
};
