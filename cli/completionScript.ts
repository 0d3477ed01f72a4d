import type { Command, Option } from 'commander';

export const completionShells = ['bash', 'zsh', 'fish'] as const;
export type CompletionShell = (typeof completionShells)[number];

/** How the value of an option is completed. */
type Values = 'file' | 'pid' | 'any' | readonly string[];

interface CompletedOption {
  readonly short: string | undefined;
  /** Some have two. */
  readonly long: readonly string[];
  readonly description: string;
  /** Null: it has none. */
  readonly values: Values | null;
}

interface CompletedCommand {
  readonly names: readonly string[];
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** Words that may follow; undefined: what follows `--` is a program with its arguments. */
  readonly words: readonly string[];
}

/**
 * A script that makes a shell complete our command lines. What there is to complete is asked of the commands themselves. Shells
 * start us only for the numbers of processes.
 *
 * Of libraries that do this for commander, `@bomb.sh/tab` (0.0.22) lets bash evaluate the line as it is typed – what is in `$(…)` in
 * it would run at a tabulator – and completes neither files nor programs; `omelette` knows no options.
 */
export function completionScript(program: Command, shell: CompletionShell): string {
  const help = program.createHelp();
  const commands = help.visibleCommands(program).map((command): CompletedCommand => ({
    names: [command.name(), ...command.aliases()],
    summary: command.summary() || command.description(),
    options: help.visibleOptions(command).map(optionOf),
    words:
      command.name() === 'completion'
        ? completionShells
        : command.name() === 'help'
          ? help.visibleCommands(program).map((other) => other.name())
          : [],
  }));
  const own = help.visibleOptions(program).map(optionOf);
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](commands, own);
}

/** What is completed as something of the system, by placeholders of options. */
const completions: Readonly<Record<string, Values>> = { file: 'file', folder: 'file', pid: 'pid' };

function optionOf(option: Option): CompletedOption {
  const flags = option.flags.split(/[ ,|]+/).filter((flag) => flag.startsWith('-'));
  const placeholder = /<(\w+)>/.exec(option.flags)?.[1];
  const values = placeholder === undefined ? null : (option.argChoices ?? completions[placeholder] ?? 'any');
  return {
    short: flags.find((flag) => !flag.startsWith('--')),
    long: flags.filter((flag) => flag.startsWith('--')),
    description: option.description.split('\n')[0]!,
    values,
  };
}

function flagsOf({ short, long }: CompletedOption): string[] {
  return [...(short === undefined ? [] : [short]), ...long];
}

/** Within single quotes of a shell. */
function quoted(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

function bashScript(commands: readonly CompletedCommand[], own: readonly CompletedOption[]): string {
  const valueCase = ({ values, ...option }: CompletedOption): string => {
    const pattern = flagsOf({ ...option, values }).join('|');
    if (values === 'pid')
      return `${pattern}) COMPREPLY=($(compgen -W "$(heatline list --pids 2>/dev/null | cut -f1)" -- "$cur")); return ;;`;
    if (values === 'file')
      return `${pattern}) compopt -o filenames 2>/dev/null; IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$cur")); return ;;`;
    if (values === 'any' || values === null) return `${pattern}) return ;;`;
    return `${pattern}) COMPREPLY=($(compgen -W ${quoted(values.join(' '))} -- "$cur")); return ;;`;
  };
  const commandCase = ({ names, options, words }: CompletedCommand): string => `    ${names.join('|')})
      case "$prev" in
${options
  .filter(({ values }) => values !== null)
  .map((option) => `        ${valueCase(option)}`)
  .join('\n')}
      esac
      words=${quoted([...options.flatMap(flagsOf).filter((flag) => flag.startsWith('--')), ...words].join(' '))} ;;`;
  return `# bash completion of heatline
_heatline() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command="" words="" i
  local IFS=$' \\t\\n'
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      --)
        # A program of its own, with its arguments.
        if ((COMP_CWORD == i + 1)); then
          IFS=$'\\n'
          compopt -o filenames 2>/dev/null
          COMPREPLY=($(compgen -c -f -- "$cur"))
        elif declare -F _command_offset >/dev/null; then
          _command_offset $((i + 1))
        else
          IFS=$'\\n'
          compopt -o filenames 2>/dev/null
          COMPREPLY=($(compgen -f -- "$cur"))
        fi
        return ;;
      -*) ;;
      *) [[ -z "$command" ]] && command="\${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$command" in
    "") words=${quoted([...commands.map(({ names }) => names[0]!), ...own.flatMap(flagsOf).filter((flag) => flag.startsWith('--'))].join(' '))} ;;
${commands.map(commandCase).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _heatline heatline
`;
}

function zshScript(commands: readonly CompletedCommand[]): string {
  // In _arguments' specifications, brackets end a description and colons separate.
  const escaped = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&');
  const specification = (option: CompletedOption): string => {
    const flags = flagsOf(option);
    const { values } = option;
    const action =
      values === null
        ? ''
        : values === 'pid'
          ? ':process:_heatline_pids'
          : values === 'file'
            ? ':file:_files'
            : values === 'any'
              ? ':value: '
              : `:value:(${values.join(' ')})`;
    const rest = quoted(`[${escaped(option.description)}]${action}`);
    return flags.length === 1 ? `${flags[0]!}${rest}` : `${quoted(`(${flags.join(' ')})`)}{${flags.join(',')}}${rest}`;
  };
  const commandCase = ({ names, options, words }: CompletedCommand): string => {
    const last = words.length > 0 ? quoted(`1:word:(${words.join(' ')})`) : `'*::arguments:_normal'`;
    return `    ${names.join('|')})
      _arguments -s -S ${[...options.map(specification), last].join(' \\\n        ')} ;;`;
  };
  return `#compdef heatline
_heatline_pids() {
  local -a found
  found=(\${(f)"$(heatline list --pids 2>/dev/null | sed 's/:/\\\\:/g; s/\\t/:/')"})
  _describe -t processes process found
}
_heatline() {
  local -a subcommands
  subcommands=(
${commands.map(({ names, summary }) => `    ${quoted(`${names[0]!}:${summary.replace(/:/g, '\\:')}`)}`).join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe -t commands command subcommands
    return
  fi
  shift words
  ((CURRENT--))
  case "$words[1]" in
${commands.map(commandCase).join('\n')}
  esac
}
compdef _heatline heatline
`;
}

function fishScript(commands: readonly CompletedCommand[], own: readonly CompletedOption[]): string {
  const optionLine = (condition: string, option: CompletedOption): string => {
    const { short, long, values, description } = option;
    const names = [...(short === undefined ? [] : [`-s ${short.slice(1)}`]), ...long.map((flag) => `-l ${flag.slice(2)}`)].join(' ');
    const argument =
      values === null
        ? ''
        : values === 'pid'
          ? " -x -a '(heatline list --pids 2>/dev/null)'"
          : values === 'file'
            ? ' -r -F'
            : values === 'any'
              ? ' -x'
              : ` -x -a ${quoted(values.join(' '))}`;
    return `complete -c heatline -n ${quoted(condition)} ${names}${argument} -d ${quoted(description)}`;
  };
  const lines = ['# fish completion of heatline', 'complete -c heatline -f'];
  for (const { names, summary } of commands)
    lines.push(`complete -c heatline -n __fish_use_subcommand -a ${names[0]!} -d ${quoted(summary)}`);
  for (const option of own) lines.push(optionLine('__fish_use_subcommand', option));
  for (const { names, options, words } of commands) {
    const condition = `__fish_seen_subcommand_from ${names.join(' ')}`;
    for (const option of options) lines.push(optionLine(condition, option));
    if (words.length > 0) lines.push(`complete -c heatline -n ${quoted(condition)} -a ${quoted(words.join(' '))}`);
  }
  const takesProgram = commands
    .filter(({ options }) => options.some(({ long }) => long.includes('--max-stop')))
    .flatMap(({ names }) => names);
  lines.push(
    // What is behind -- is completed as if it stood alone.
    'function __heatline_program',
    '    set -l words (commandline -opc) (commandline -ct)',
    '    set -l at (contains -i -- -- $words); or return 1',
    "    complete -C (string join ' ' -- (string escape -- $words[(math $at + 1)..-2]) $words[-1])",
    'end',
    `complete -c heatline -n ${quoted(`__fish_seen_subcommand_from ${takesProgram.join(' ')}; and contains -- -- (commandline -opc)`)} -x -a '(__heatline_program)'`,
  );
  return `${lines.join('\n')}\n`;
}
