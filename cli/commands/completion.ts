import type { Command } from 'commander';
import { commandOf } from '../command.ts';
import { type CompletionShell, completionScript, completionShells } from '../completionScript.ts';
import { print } from '../say.ts';
import { UsageError } from '../values.ts';

interface CompletionCommand {
  readonly name: 'completion';
  readonly shell: CompletionShell;
}

export const completionCommand = commandOf<CompletionCommand>({
  name: 'completion',
  summary: 'print what makes a shell complete heatline’s command lines',
  description: 'Prints a script that makes a shell complete commands, options, formats, processes and files.',
  usage: [completionShells.join('|')],
  examples: [
    ['source <(heatline completion bash)', 'in ~/.bashrc'],
    ['source <(heatline completion zsh)', 'in ~/.zshrc, after compinit'],
    ['heatline completion fish > ~/.config/fish/completions/heatline.fish', 'once'],
  ],
  configure: () => undefined,
  parse: ({ operands, behind = [] }) => {
    const [text, ...others] = [...operands, ...behind];
    const shell = completionShells.find((name) => name === text);
    if (shell === undefined || others.length > 0) throw new UsageError(`completion needs a shell: ${completionShells.join(', ')}`);
    return { name: 'completion', shell };
  },
  execute: ({ shell }, program: Command) => print(completionScript(program, shell)),
});
