import * as vscode from 'vscode';
import type { Context } from './context.ts';
import { CELL_SCHEME, isPythonNotebook } from './notebooks/pythonNotebook.ts';
import { ProfileSession } from './sessions/profileSession.ts';

/** Tells menus (`when` clauses) what there is. */
export function keepContextKeys(context: Context): vscode.Disposable {
  const known = new Map<string, boolean | number>();
  const set = (key: string, value: boolean | number): void => {
    if (known.get(key) === value) return;
    known.set(key, value);
    void vscode.commands.executeCommand('setContext', `heatline.${key}`, value);
  };
  const update = (): void => {
    const { all } = context.sources;
    const sessions = all.filter((source) => source instanceof ProfileSession);
    set('hasProfiles', all.length > 0);
    set(
      'hasActive',
      sessions.some(({ state }) => state !== 'ended'),
    );
    set(
      'hasEnded',
      sessions.some(({ state }) => state === 'ended'),
    );
    set(
      'hasRunning',
      sessions.some(({ state }) => state === 'running'),
    );
    set(
      'hasPaused',
      sessions.some(({ state }) => state === 'paused'),
    );
    set('hasHeat', context.heat.source !== undefined);
    set('heatEnabled', context.heat.isEnabled);
    const notebook = vscode.window.activeNotebookEditor?.notebook;
    set('pythonNotebook', notebook !== undefined && isPythonNotebook(notebook));
  };
  // VS Code works out what is in a cell's toolbar before it knows what cell it is, and again only when a key changes that
  // a `when` in there names (cellToolbars.ts, CellTitleToolbarPart): without this, cells of notebooks that all was known
  // of when they were drawn have hardly any buttons. The toolbar is that of the chosen cell.
  let choices = 0;
  const cellChosen = (): void => set('cellChoices', ++choices);
  cellChosen();
  update();
  const { sources, heat } = context;
  return vscode.Disposable.from(
    sources.onDidAdd(update),
    sources.onDidRemove(update),
    sources.onDidChange(update),
    heat.onDidChange(update),
    vscode.window.onDidChangeActiveNotebookEditor(update),
    vscode.window.onDidChangeActiveNotebookEditor(cellChosen),
    vscode.window.onDidChangeNotebookEditorSelection(cellChosen),
    vscode.window.onDidChangeActiveTextEditor((editor) => {
      if (editor?.document.uri.scheme === CELL_SCHEME) cellChosen();
    }),
    vscode.workspace.onDidChangeNotebookDocument(update),
  );
}
