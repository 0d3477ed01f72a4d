import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import type { ProfileSession } from './profileSession.ts';

interface ActionItem extends vscode.QuickPickItem {
  readonly command: string;
}

/** What can be done with a process that is being profiled. */
export async function showSessionMenu(_context: Context, session: ProfileSession): Promise<void> {
  const { t } = vscode.l10n;
  const item = (icon: string, label: string, command: string): ActionItem => ({
    label,
    iconPath: new vscode.ThemeIcon(icon),
    command: `heatline.${command}`,
  });
  const items = [
    item('debug-stop', t('Stop'), 'stop'),
    session.state === 'paused' ? item('debug-continue', t('Resume'), 'resume') : item('debug-pause', t('Pause'), 'pause'),
    item('flame', t('Show Flame Graph'), 'showFlameGraph'),
    item('paintcan', t('Show Heat in the Editor'), 'showHeat'),
    item('target', t('Go to Hottest Line'), 'goToHottestLine'),
    item('checklist', t('Show asyncio Tasks'), 'showTasks'),
    item('list-tree', t('Show Greenlets'), 'showGreenlets'),
    item('save', t('Save…'), 'save'),
    item('trash', t('Discard…'), 'discard'),
  ];
  const choice = await vscode.window.showQuickPick(items, { title: session.title });
  if (choice !== undefined) await vscode.commands.executeCommand(choice.command, session.id);
}
