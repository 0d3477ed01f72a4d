import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { isTrusted } from '../sessions/record.ts';
import { type LaunchChoice, launchChoices, type LeftOut } from './launchConfigurations.ts';

interface Item extends vscode.QuickPickItem {
  readonly run?: () => Thenable<unknown>;
}

/** Lets the user choose a Python configuration of launch.json, runs it without the debugger and profiles it. */
export async function profileLaunchConfiguration(context: Context): Promise<void> {
  const { t } = vscode.l10n;
  if (!(await isTrusted())) return;
  const items: Item[] = [];
  const leftOut: LeftOut[] = [];
  for (const { folder, name, launch } of launches()) {
    const sorted = launchChoices(launch, name);
    leftOut.push(...sorted.leftOut);
    const { configurations } = launch as { readonly configurations: readonly vscode.DebugConfiguration[] };
    items.push(...sorted.choices.map((choice) => choiceItem(context, choice, folder, configurations)));
  }
  if (items.length === 0) {
    const open = t('Open launch.json');
    const message =
      leftOut.length === 0
        ? t('This workspace has no launch.json with a Python configuration.')
        : t('None of the configurations in launch.json is one for Python.');
    if ((await vscode.window.showInformationMessage(message, open)) === open)
      await vscode.commands.executeCommand('workbench.action.debug.configure');
    return;
  }
  if (leftOut.length > 0) {
    items.push({ label: t('can’t be profiled'), kind: vscode.QuickPickItemKind.Separator });
    items.push(
      ...leftOut.map((one) => ({
        label: one.name,
        description: one.folder ?? '',
        detail: reasonText(one),
        iconPath: new vscode.ThemeIcon('circle-slash'),
      })),
    );
  }
  const choice = await vscode.window.showQuickPick(items, {
    title: t('Profile with Launch Configuration'),
    placeHolder: t('Runs without the debugger, which would distort times'),
    matchOnDescription: true,
  });
  if (choice?.run !== undefined) await choice.run();
  else if (choice !== undefined) void vscode.window.showInformationMessage(`${choice.label}: ${choice.detail ?? ''}`);
}

function choiceItem(
  context: Context,
  { name, folder: folderName, detail }: LaunchChoice,
  folder: vscode.WorkspaceFolder | undefined,
  configurations: readonly vscode.DebugConfiguration[],
): Item {
  const configuration = configurations.find((one) => one.name === name)!;
  const isAttach = configuration.request === 'attach';
  return {
    label: name,
    description: [folderName, detail].filter((part) => part !== undefined && part !== '').join(' · '),
    iconPath: new vscode.ThemeIcon(isAttach ? 'plug' : 'play'),
    run: () => context.debugSessions.start(folder, configuration, !isAttach),
  };
}

function reasonText({ reason, type }: LeftOut): string {
  const { t } = vscode.l10n;
  switch (reason) {
    case 'notPython':
      return t('It is of type {0}; only those for Python can be profiled', type);
    case 'compound':
      return t('It starts several configurations; profile one of them');
    case 'broken':
      return t('It lacks a name or a type');
  }
}

interface Launch {
  readonly folder: vscode.WorkspaceFolder | undefined;
  /** Set where there is more than one folder. */
  readonly name: string | undefined;
  readonly launch: unknown;
}

/** Every `launch` there is: in each folder's launch.json, the workspace file and the user's settings. */
function launches(): Launch[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const found: Launch[] = [];
  const seen = new Set<string>();
  const add = (folder: vscode.WorkspaceFolder | undefined, configurations: unknown, compounds: unknown): void => {
    if (!Array.isArray(configurations)) return;
    const key = JSON.stringify(configurations);
    if (seen.has(key)) return;
    seen.add(key);
    found.push({ folder, name: folders.length > 1 ? folder?.name : undefined, launch: { configurations, compounds } });
  };
  for (const folder of folders) {
    const launch = vscode.workspace.getConfiguration('launch', folder.uri);
    add(folder, launch.inspect('configurations')?.workspaceFolderValue, launch.inspect('compounds')?.workspaceFolderValue);
  }
  const launch = vscode.workspace.getConfiguration('launch', folders[0]?.uri);
  const [configurations, compounds] = [launch.inspect('configurations'), launch.inspect('compounds')];
  add(folders[0], configurations?.workspaceValue, compounds?.workspaceValue);
  add(folders[0], configurations?.globalValue, compounds?.globalValue);
  return found;
}
