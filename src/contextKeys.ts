import * as vscode from 'vscode';
import type { Context } from './context.ts';
import { isPythonNotebook } from './notebooks/pythonNotebook.ts';
import { ProfileSession } from './sessions/profileSession.ts';

/** Tells menus (`when` clauses) what there is. */
export function keepContextKeys(context: Context): vscode.Disposable {
  const known = new Map<string, boolean>();
  const set = (key: string, value: boolean): void => {
    if (known.get(key) === value) return;
    known.set(key, value);
    void vscode.commands.executeCommand('setContext', `heatline.${key}`, value);
  };
  const update = (): void => {
    const { all } = context.sources;
    const sessions = all.filter((source) => source instanceof ProfileSession);
    set('hasProfiles', all.length > 0);
    set('hasActive', sessions.some(({ state }) => state !== 'ended'));
    set('hasRunning', sessions.some(({ state }) => state === 'running'));
    set('hasPaused', sessions.some(({ state }) => state === 'paused'));
    set('hasHeat', context.heat.source !== undefined);
    set('heatEnabled', context.heat.isEnabled);
    const notebook = vscode.window.activeNotebookEditor?.notebook;
    set('pythonNotebook', notebook !== undefined && isPythonNotebook(notebook));
  };
  update();
  const { sources, heat } = context;
  return vscode.Disposable.from(
    sources.onDidAdd(update),
    sources.onDidRemove(update),
    sources.onDidChange(update),
    heat.onDidChange(update),
    vscode.window.onDidChangeActiveNotebookEditor(update),
    vscode.workspace.onDidChangeNotebookDocument(update),
  );
}
