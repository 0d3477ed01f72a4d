import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import type { ProfileSession } from '../sessions/profileSession.ts';
import { isTrusted } from '../sessions/record.ts';
import { joinArguments, splitArguments } from './commandLine.ts';
import { factsOf, fileToRun, profileFile } from './profileScript.ts';
import { fileRun, parseEnvironment, type RunOptions } from './runOptions.ts';

interface Item extends vscode.QuickPickItem {
  /** Asks for a change; undefined if the user thought better of it. Without it, it is to be run. */
  readonly change?: () => Promise<RunOptions | undefined>;
}

/** Lets the user say how a file is run, remembers it, and profiles it so. */
export async function profileScriptWith(context: Context, given?: vscode.Uri): Promise<ProfileSession | undefined> {
  const { t } = vscode.l10n;
  if (!(await isTrusted())) return undefined;
  const uri = await fileToRun(given);
  if (uri === undefined) return undefined;
  const facts = await factsOf(uri);
  let options = context.lastRuns.of(uri.fsPath);
  for (;;) {
    const run = fileRun(facts, context.config.runOf(uri), options);
    const isModule = run.args[0] === '-m';
    const programArgs = run.args.slice(isModule ? 2 : 1);
    const icon = (name: string): vscode.ThemeIcon => new vscode.ThemeIcon(name);
    const items: Item[] = [
      { label: t('Profile {0}', run.name), description: joinArguments(run.args), iconPath: icon('play') },
      {
        label: t('Arguments…'),
        description: joinArguments(programArgs),
        iconPath: icon('symbol-parameter'),
        change: () => askArguments(options, programArgs),
      },
      {
        label: t('Working folder…'),
        description: run.workingDirectory,
        iconPath: icon('folder'),
        change: () => askFolder(options, run.workingDirectory),
      },
      {
        label: t('Environment variables…'),
        description: environmentText(run.environment),
        iconPath: icon('symbol-variable'),
        change: () => askEnvironment(options, run.environment),
      },
    ];
    if (facts.module !== undefined) {
      const label = isModule ? t('Run as a script') : t('Run as the module {0}', facts.module.name);
      items.push({
        label,
        description: isModule ? 'python app.py' : 'python -m',
        iconPath: icon('package'),
        change: () => Promise.resolve({ ...options, asModule: !isModule }),
      });
    }
    if (Object.keys(options).length > 0)
      items.push({ label: t('Forget what was chosen here'), iconPath: icon('clear-all'), change: () => Promise.resolve({}) });
    const choice = await vscode.window.showQuickPick(items, {
      title: t('How to run {0}', run.name),
      placeHolder: t('It is remembered for this file'),
    });
    if (choice === undefined) return undefined;
    if (choice.change === undefined) return profileFile(context, uri, options);
    options = (await choice.change()) ?? options;
    await context.lastRuns.remember(uri.fsPath, options);
  }
}

async function askArguments(options: RunOptions, args: readonly string[]): Promise<RunOptions | undefined> {
  const { t } = vscode.l10n;
  const text = await vscode.window.showInputBox({
    title: t('Arguments of the program'),
    value: joinArguments(args),
    prompt: t('As in a terminal: quotes keep words together. Nothing is expanded.'),
    validateInput: (value) => (splitArguments(value) === undefined ? t('A quote is not closed.') : undefined),
  });
  const words = text === undefined ? undefined : splitArguments(text);
  return words === undefined ? undefined : { ...options, args: words };
}

async function askFolder(options: RunOptions, folder: string): Promise<RunOptions | undefined> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      defaultUri: vscode.Uri.file(folder),
      openLabel: vscode.l10n.t('Run Here'),
    })) ?? [];
  return chosen?.scheme === 'file' ? { ...options, workingDirectory: chosen.fsPath } : undefined;
}

async function askEnvironment(options: RunOptions, environment: Readonly<Record<string, string>>): Promise<RunOptions | undefined> {
  const { t } = vscode.l10n;
  const parse = (value: string): Record<string, string> | undefined => parseEnvironment(splitArguments(value) ?? ['']);
  const text = await vscode.window.showInputBox({
    title: t('Environment variables of the program'),
    value: environmentText(environment),
    placeHolder: 'NAME=value',
    prompt: t('NAME=value, separated by spaces; quotes keep words together. They are added to those of the terminal.'),
    validateInput: (value) => (parse(value) === undefined ? t('Each variable needs a name and a value: NAME=value.') : undefined),
  });
  const parsed = text === undefined ? undefined : parse(text);
  return parsed === undefined ? undefined : { ...options, environment: parsed };
}

function environmentText(environment: Readonly<Record<string, string>>): string {
  return joinArguments(Object.entries(environment).map(([name, value]) => `${name}=${value}`));
}
