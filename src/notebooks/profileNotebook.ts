import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { baseName } from '../files/pathMatch.ts';
import { ProfileSession } from '../sessions/profileSession.ts';
import { isTrusted, profileProcess } from '../sessions/record.ts';
import { isPythonCell, isPythonNotebook } from './pythonNotebook.ts';
import { runCell } from './runCell.ts';

/** Profiles the process that runs a notebook's cells: the given notebook's, else the one that is in front. */
export async function profileKernel(context: Context, given?: unknown): Promise<ProfileSession | undefined> {
  const { t } = vscode.l10n;
  if (!(await isTrusted())) return undefined;
  const notebook = notebookOf(given);
  if (notebook === undefined || !isPythonNotebook(notebook)) {
    void vscode.window.showInformationMessage(t('Open the Python notebook whose kernel is to be profiled.'));
    return undefined;
  }
  const kernel = await context.kernels.find(notebook);
  if (kernel.kind === 'none')
    void vscode.window.showInformationMessage(t('No kernel runs for this notebook yet. Run a cell, or profile one.'));
  if (kernel.kind !== 'process') return undefined;
  return profileProcess(
    context,
    { pid: kernel.pid, name: baseName(notebook.uri.path), subprocesses: context.config.subprocesses },
    undefined,
    { preserveFocus: true },
  );
}

/** Runs a cell and profiles its kernel for as long as that takes: the given cell, else the selected one. */
export async function profileCell(context: Context, given?: unknown): Promise<ProfileSession | undefined> {
  const { t } = vscode.l10n;
  if (!(await isTrusted())) return undefined;
  const cell = isCell(given) ? given : selectedCell();
  if (cell === undefined || !isPythonCell(cell) || !isPythonNotebook(cell.notebook)) {
    void vscode.window.showInformationMessage(t('Select a cell of Python code to profile.'));
    return undefined;
  }
  const kernel = await context.kernels.find(cell.notebook);
  if (kernel.kind === 'nothing') return undefined;
  return kernel.kind === 'process' ? profileIn(context, cell, kernel.pid) : profileInNewKernel(context, cell);
}

async function profileIn(context: Context, cell: vscode.NotebookCell, pid: number): Promise<ProfileSession | undefined> {
  const running = context.sources.all.find(
    (source) => source instanceof ProfileSession && source.state !== 'ended' && source.target.pid === pid,
  );
  const session = await profileProcess(context, targetOf(context, cell, pid), undefined, { preserveFocus: true });
  if (session === undefined) return undefined;
  // Who profiles the kernel as a whole goes on doing so.
  void stopAfter(context, runCell(cell).over, running === undefined ? session : undefined);
  return session;
}

/** The cell is what starts the kernel, so that has to be caught when it does. */
async function profileInNewKernel(context: Context, cell: vscode.NotebookCell): Promise<ProfileSession | undefined> {
  const { t } = vscode.l10n;
  const before = await context.kernels.pids();
  const { begun, over } = runCell(cell);
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: t('Waiting for the kernel of {0} to start', baseName(cell.notebook.uri.path)),
    cancellable: true,
  };
  const { pid, isCancelled } = await vscode.window.withProgress(options, async (_progress, token) => {
    const waiting = new vscode.CancellationTokenSource();
    const giveUp = (): void => waiting.cancel();
    const subscription = token.onCancellationRequested(giveUp);
    over.then(giveUp, giveUp);
    const found = await context.kernels.next(cell.notebook, before, waiting.token);
    // The Jupyter extension has a cell wait until its kernel is ready; how that starts is not what is asked.
    if (found !== undefined) await Promise.race([begun, new Promise((resolve) => token.onCancellationRequested(resolve))]);
    vscode.Disposable.from(subscription, waiting).dispose();
    return { pid: token.isCancellationRequested ? undefined : found, isCancelled: token.isCancellationRequested };
  });
  if (pid === undefined) {
    void stopAfter(context, over, undefined);
    if (!isCancelled)
      void vscode.window.showWarningMessage(t('No kernel of this machine was started for the cell, so it was not profiled.'));
    return undefined;
  }
  const session = await profileProcess(context, { ...targetOf(context, cell, pid), launched: true }, undefined, { preserveFocus: true });
  void stopAfter(context, over, session);
  return session;
}

async function stopAfter(context: Context, run: Promise<void>, session: ProfileSession | undefined): Promise<void> {
  try {
    await run;
  } catch (error) {
    context.log.warn(`Running the cell: ${String(error)}`);
  }
  session?.stop();
}

function targetOf(
  { config }: Context,
  { index, notebook }: vscode.NotebookCell,
  pid: number,
): { readonly pid: number; readonly name: string; readonly subprocesses: boolean } {
  return { pid, name: vscode.l10n.t('Cell {0} of {1}', index + 1, baseName(notebook.uri.path)), subprocesses: config.subprocesses };
}

function selectedCell(): vscode.NotebookCell | undefined {
  const editor = vscode.window.activeNotebookEditor;
  return editor === undefined || editor.selection.isEmpty ? undefined : editor.notebook.cellAt(editor.selection.start);
}

function isCell(value: unknown): value is vscode.NotebookCell {
  return typeof value === 'object' && value !== null && 'notebook' in value && 'document' in value && 'kind' in value;
}

/** Menus of notebooks say which one they are of in several ways. */
function notebookOf(given: unknown): vscode.NotebookDocument | undefined {
  const all = vscode.workspace.notebookDocuments;
  const editor = typeof given === 'object' && given !== null && 'notebookEditor' in given ? given.notebookEditor : undefined;
  const uri = typeof editor === 'object' && editor !== null && 'notebookUri' in editor ? editor.notebookUri : given;
  return (
    all.find((notebook) => notebook === given || (uri instanceof vscode.Uri && notebook.uri.toString() === uri.toString())) ??
    vscode.window.activeNotebookEditor?.notebook
  );
}
