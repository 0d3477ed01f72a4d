import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { PythonProcess } from '../../native/index.ts';
import type { Context } from '../context.ts';
import { Format } from '../format.ts';
import { commandLineText } from '../picker/processList.ts';
import { askJupyter } from './jupyterExtension.ts';
import { findKernels } from './kernelProcesses.ts';

/** Which process runs a notebook's cells. */
export type FoundKernel =
  | { readonly kind: 'process'; readonly pid: number }
  /** None runs, or none that could be the notebook's. */
  | { readonly kind: 'none' }
  /** It can't be profiled, or the user thought better of it; all is said. */
  | { readonly kind: 'nothing' };

/** Finds the kernels of notebooks, and remembers what users chose. */
export class Kernels {
  readonly #context: Context;
  readonly #chosen = new Map<string, PythonProcess>();

  constructor(context: Context) {
    this.#context = context;
  }

  async find(notebook: vscode.NotebookDocument): Promise<FoundKernel> {
    const { t } = vscode.l10n;
    const { log, notebookCells } = this.#context;
    const answer = await askJupyter(notebook, (message) => log.warn(message));
    const processes = await this.#context.listProcesses();
    if (answer.kind === 'elsewhere' || (answer.kind === 'process' && !processes.some(({ pid }) => pid === answer.pid))) {
      const host = answer.kind === 'elsewhere' ? answer.host : t('another machine or in a container');
      void vscode.window.showWarningMessage(
        t('The kernel of this notebook runs on {0}. Heatline profiles kernels of the machine it runs on.', host),
      );
      return { kind: 'nothing' };
    }
    const pid = answer.kind === 'process' ? answer.pid : await this.#choose(notebook, processes);
    if (typeof pid !== 'number') return { kind: pid };
    notebookCells.bind(pid, notebook);
    log.info(`The kernel of ${notebook.uri.path} is process ${pid}.`);
    return { kind: 'process', pid };
  }

  /** A kernel that was not there before, once it is; undefined if that is not awaited any longer. */
  async next(notebook: vscode.NotebookDocument, before: readonly number[], token: vscode.CancellationToken): Promise<number | undefined> {
    while (!token.isCancellationRequested) {
      const { kernels } = findKernels(await this.#context.listProcesses(), searchOf(notebook));
      const kernel = kernels.find(({ pid }) => !before.includes(pid));
      if (kernel !== undefined) {
        this.#context.notebookCells.bind(kernel.pid, notebook);
        return kernel.pid;
      }
      await new Promise<void>((resolve) => {
        const subscription = token.onCancellationRequested(done);
        const timer = setTimeout(done, POLL_INTERVAL);
        function done(): void {
          clearTimeout(timer);
          subscription.dispose();
          resolve();
        }
      });
    }
    return undefined;
  }

  /** All that run now. */
  async pids(): Promise<number[]> {
    return findKernels(await this.#context.listProcesses(), { hostPid: process.pid, folders: [] }).kernels.map(({ pid }) => pid);
  }

  async #choose(notebook: vscode.NotebookDocument, processes: readonly PythonProcess[]): Promise<number | 'none' | 'nothing'> {
    const { t } = vscode.l10n;
    const key = notebook.uri.toString();
    const { kernels, isSure } = findKernels(processes, searchOf(notebook));
    const before = this.#chosen.get(key);
    const again = kernels.find(({ pid, startedAt }) => pid === before?.pid && startedAt === before.startedAt);
    const certain = again ?? (isSure ? kernels[0] : undefined);
    if (certain !== undefined) return certain.pid;
    if (kernels.length === 0) return 'none';
    const format = new Format(vscode.env.language);
    const items = kernels.map((kernel) => ({
      label: t('Kernel of Python {0}', kernel.version ?? '?'),
      description: t('process {0}, started {1} ago', kernel.pid, format.time(Math.max(0, Date.now() - kernel.startedAt) * 1000)),
      detail: [kernel.workingDirectory ?? '', commandLineText(kernel.commandLine)].filter((part) => part !== '').join('  ·  '),
      kernel,
    }));
    const choice = await vscode.window.showQuickPick(items, {
      title: t('Which kernel runs this notebook?'),
      placeHolder: t('Heatline can’t tell; it is remembered until the kernel ends'),
      matchOnDescription: true,
      matchOnDetail: true,
    });
    if (choice === undefined) return 'nothing';
    this.#chosen.set(key, choice.kernel);
    return choice.kernel.pid;
  }
}

/** ms between two looks for a kernel that is being started. */
const POLL_INTERVAL = 250;

function searchOf({ uri }: vscode.NotebookDocument): { readonly hostPid: number; readonly folders: readonly string[] } {
  const folders = (vscode.workspace.workspaceFolders ?? [])
    .filter((folder) => folder.uri.scheme === 'file')
    .map((folder) => folder.uri.fsPath);
  return { hostPid: process.pid, folders: uri.scheme === 'file' ? [dirname(uri.fsPath), ...folders] : folders };
}
