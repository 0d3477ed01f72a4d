import * as vscode from 'vscode';
import type { PythonProcess } from '../../native/index.ts';
import type { Config } from '../config.ts';
import { Format } from '../format.ts';
import { errorText } from '../sessions/failureMessage.ts';
import type { Target } from '../sessions/profileSession.ts';
import { commandLineText, groupProcesses, type ListedProcess, scriptPath, typedPid } from './processList.ts';

interface ProcessItem extends vscode.QuickPickItem {
  /** What choosing it means; `refresh` for the item of an empty list. */
  readonly choice?: Target | 'refresh';
  readonly script?: string;
}

/**
 * Lets the user pick a Python process from a list that can be filtered, or type a process id.
 * @param preferred pid of the one that is active at first, if it is there
 * @param sampling whether native frames are read, for a button that changes it; undefined: that does not matter here
 */
export async function pickProcess(
  list: () => Promise<readonly PythonProcess[]>,
  title: string,
  preferred?: number,
  sampling?: Pick<Config, 'native' | 'setNative'>,
): Promise<Target | undefined> {
  const { t } = vscode.l10n;
  const refreshButton: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('refresh'), tooltip: t('Refresh') };
  const settingsButton: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('gear'), tooltip: t('Heatline Settings') };
  const picker = vscode.window.createQuickPick<ProcessItem>();
  picker.title = title;
  picker.placeholder = t('Filter by name, process id, user or command line, or type the id of any process');
  picker.matchOnDescription = true;
  picker.matchOnDetail = true;
  let reads = sampling?.native === true;
  const nativeButton = (): vscode.QuickInputButton => ({
    iconPath: new vscode.ThemeIcon(reads ? 'circuit-board' : 'chip'),
    tooltip: reads
      ? t('Native frames are read: stops running threads for moments. Leave them out')
      : t('Native frames are left out. Read them, too: stops running threads for moments'),
  });
  const showButtons = (): void => {
    picker.buttons = [settingsButton, ...(sampling === undefined ? [] : [nativeButton()]), refreshButton];
  };
  showButtons();

  let items: readonly ProcessItem[] = [];
  let isOpen = true;
  const show = (): void => {
    const pid = typedPid(picker.value);
    const exact = pid === undefined ? undefined : items.find(({ choice }) => typeof choice === 'object' && choice.pid === pid);
    if (pid === undefined || exact !== undefined) picker.items = items;
    else
      picker.items = [
        {
          label: t('Process {0}', pid),
          description: t('the id you typed'),
          iconPath: new vscode.ThemeIcon('symbol-number'),
          alwaysShow: true,
          choice: { pid, name: t('process {0}', pid) },
        },
        ...items,
      ];
    if (exact !== undefined) picker.activeItems = [exact];
  };
  const refresh = async (): Promise<void> => {
    picker.busy = true;
    try {
      const [active] = picker.activeItems;
      const wanted = typeof active?.choice === 'object' ? active.choice.pid : preferred;
      const processes = await list();
      if (!isOpen) return;
      items = processItems(processes);
      show();
      const again = items.find(({ choice }) => typeof choice === 'object' && choice.pid === wanted);
      if (again !== undefined) picker.activeItems = [again];
    } catch (error) {
      if (!isOpen) return;
      items = [
        {
          label: t('The processes can’t be listed'),
          detail: errorText(error),
          iconPath: new vscode.ThemeIcon('error'),
          alwaysShow: true,
          choice: 'refresh',
        },
      ];
      show();
    } finally {
      if (isOpen) picker.busy = false;
    }
  };

  return new Promise((resolve) => {
    const subscriptions = [
      picker.onDidChangeValue(show),
      picker.onDidTriggerButton((button) => {
        if (button === refreshButton) void refresh();
        else if (button !== settingsButton && sampling !== undefined) {
          reads = !reads;
          void sampling.setNative(reads);
          showButtons();
        } else void vscode.commands.executeCommand('workbench.action.openSettings', '@ext:heatline.heatline');
      }),
      picker.onDidTriggerItemButton(({ item, button }) => {
        if (button instanceof StacksButton) {
          picker.hide();
          void vscode.commands.executeCommand('heatline.showStacks', button.target.pid, button.target.name);
        } else if (item.script !== undefined) void vscode.window.showTextDocument(vscode.Uri.file(item.script), { preview: true });
      }),
      picker.onDidAccept(() => {
        const choice = picker.selectedItems[0]?.choice;
        if (choice === 'refresh') void refresh();
        if (typeof choice !== 'object') return;
        resolve(choice);
        picker.hide();
      }),
      picker.onDidHide(() => {
        isOpen = false;
        vscode.Disposable.from(...subscriptions, picker).dispose();
        resolve(undefined);
      }),
    ];
    picker.show();
    void refresh();
  });
}

function processItems(processes: readonly PythonProcess[]): ProcessItem[] {
  const { t } = vscode.l10n;
  if (processes.length === 0) {
    return [
      {
        label: t('No Python process found'),
        detail: t('Start a Python program and press Enter to look again.'),
        iconPath: new vscode.ThemeIcon('info'),
        alwaysShow: true,
        choice: 'refresh',
      },
    ];
  }
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const { workspace, others } = groupProcesses(processes, folders);
  const format = new Format(vscode.env.language);
  const now = Date.now();
  const group = (label: string, members: readonly ListedProcess[]): ProcessItem[] =>
    members.length === 0
      ? []
      : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...members.map((one) => processItem(one, format, now))];
  return [
    ...group(t('in this workspace'), workspace),
    ...group(workspace.length > 0 ? t('other Python processes') : t('Python processes'), others),
  ];
}

function processItem({ process, depth, descendants }: ListedProcess, format: Format, now: number): ProcessItem {
  const { t } = vscode.l10n;
  const script = scriptPath(process);
  const { pid, name, version, user, isOwn, cpuPercent, startedAt, commandLine } = process;
  const facts = [
    String(pid),
    version === null ? 'Python' : `Python ${version}`,
    user,
    t('{0} CPU', format.share(Math.round(cpuPercent) / 100)),
    descendants === 0 ? null : descendants === 1 ? t('1 child process') : t('{0} child processes', descendants),
    t('started {0}', format.ago(startedAt, now)),
  ];
  return {
    label: depth === 0 ? name : `${'\u2003'.repeat(depth - 1)}↳ ${name}`,
    description: facts.filter((fact) => fact !== null).join(' · '),
    detail: commandLineText(commandLine),
    iconPath: new vscode.ThemeIcon(isOwn ? 'python' : 'lock'),
    choice: { pid, name },
    buttons: [
      ...(script === null ? [] : [{ iconPath: new vscode.ThemeIcon('go-to-file'), tooltip: t('Open {0}', script) }]),
      new StacksButton({ pid, name }),
    ],
    ...(script === null ? {} : { script }),
  };
}

/** Shows what a process does now, whatever the list was opened for. */
class StacksButton implements vscode.QuickInputButton {
  readonly iconPath = new vscode.ThemeIcon('layers');
  readonly tooltip = vscode.l10n.t('Show Live Stacks');
  readonly target: Target;

  constructor(target: Target) {
    this.target = target;
  }
}
