import { choice, ok, text } from '@sluice/control/schemas';
import type { Command, Option } from 'commander';
import { EXIT, type Exit } from '../exit';
import type { Terminal } from '../terminal';
import { type Outputs } from '../outputs';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const OUTPUTS: Outputs = { completion: ok({ shell: choice(...SHELLS), script: text }) };

/** What may follow a command: its sub-commands, its options, and the values of those and of its arguments that have a choice. */
interface Place {
  /** `runs list`; '' is the program. */
  readonly path: string;
  readonly commands: readonly Command[];
  readonly options: readonly Option[];
  readonly values: readonly string[];
}

/** `sluice completion`: a script for a shell, made from the commands as they are. */
export function completion(program: Command) {
  return async (terminal: Terminal, shell: (typeof SHELLS)[number]): Promise<Exit> => {
    const places = placesOf(program, '');
    const script =
      shell === 'fish' ? fish(places) : `${shell === 'zsh' ? 'autoload -U +X bashcompinit && bashcompinit\n' : ''}${bash(places)}`;
    if (terminal.json) terminal.object({ ok: true, shell, script });
    else terminal.out(script);
    return EXIT.ok;
  };
}

function placesOf(command: Command, path: string): readonly Place[] {
  const commands = command.commands;
  const values = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  return [
    { path, commands, options: command.options, values },
    ...commands.flatMap((one) => placesOf(one, `${path} ${one.name()}`.trim())),
  ];
}

const flagsOf = ({ long, short }: Option): readonly string[] => [long, short].filter((flag) => flag != null);

/** Files are completed where nothing else fits. */
function bash(places: readonly Place[]): string {
  const words = places.map(
    ({ path, commands, options, values }) =>
      `    '${path}') words='${[...commands.map((one) => one.name()), ...values, ...options.flatMap(flagsOf), '--help'].join(' ')}' ;;`,
  );
  const choices = places.flatMap(({ path, options }) =>
    options.flatMap(({ long, argChoices }) =>
      argChoices === undefined || long == null ? [] : [`    '${path} ${long}') words='${argChoices.join(' ')}' ;;`],
    ),
  );
  const paths = places.map(({ path }) => `'${path}'`).join('|');
  return `_sluice() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' next word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    case "$next" in ${paths}) path=$next ;; esac
  done
  case "$path" in
${words.join('\n')}
  esac
  case "$path $prev" in
${choices.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _sluice sluice`;
}

function fish(places: readonly Place[]): string {
  const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
  return places
    .flatMap(({ path, commands, options, values }) => {
      const parts = path.split(' ').filter((part) => part !== '');
      const seen = parts.map((part) => `__fish_seen_subcommand_from ${part}`);
      const names = commands.map((one) => one.name()).join(' ');
      const where = quoted([...seen, ...(names === '' ? [] : [`not __fish_seen_subcommand_from ${names}`])].join('; and ') || 'true');
      return [
        ...commands.map((one) => `complete -c sluice -n ${where} -f -a ${one.name()} -d ${quoted(one.description())}`),
        ...values.map((value) => `complete -c sluice -n ${where} -f -a ${value}`),
        ...options.map(
          ({ long, description, argChoices, required, optional }) =>
            `complete -c sluice -n ${where} -l ${(long ?? '').slice(2)} -d ${quoted(description)}${argChoices === undefined ? (required || optional ? ' -r' : '') : ` -x -a ${quoted(argChoices.join(' '))}`}`,
        ),
      ];
    })
    .join('\n');
}
