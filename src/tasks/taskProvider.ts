import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import type { LaunchRequest } from '../launch/launcher.ts';
import { interpreterFor, launchRequest } from '../launch/profileScript.ts';
import { isOpen, parseTaskDefinition, TASK_TYPE, taskRun, type TaskFault, type TaskPlace } from './taskDefinition.ts';

/** Tasks that run a Python program and profile it: those in tasks.json, and one for the file in the editor. */
export class TaskProvider implements vscode.TaskProvider {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  static register(context: Context): vscode.Disposable {
    return vscode.tasks.registerTaskProvider(TASK_TYPE, new TaskProvider(context));
  }

  /** Nothing here may ask or complain: the user may be after another task. */
  async provideTasks(): Promise<vscode.Task[]> {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.languageId !== 'python' || document.uri.scheme !== 'file' || !vscode.workspace.isTrusted) return [];
    const folder = vscode.workspace.getWorkspaceFolder(document.uri);
    const python = folder === undefined ? undefined : await interpreterFor(this.#context, document.uri);
    if (folder === undefined || python === undefined) return [];
    const definition = { type: TASK_TYPE, script: vscode.workspace.asRelativePath(document.uri, false) };
    const run = taskRun({ script: definition.script, args: [], env: {} }, placeOf(folder), this.#context.config.runOf(document.uri));
    return [await this.#context.launcher.task({ ...run, python, folder }, definition)];
  }

  async resolveTask(task: vscode.Task): Promise<vscode.Task | undefined> {
    if (!vscode.workspace.isTrusted) return undefined;
    const folder = typeof task.scope === 'object' ? task.scope : vscode.workspace.workspaceFolders?.[0];
    const definition = parseTaskDefinition(task.definition);
    if (typeof definition === 'string' || 'property' in definition) {
      void vscode.window.showErrorMessage(faultText(definition, task.name));
      return undefined;
    }
    const run = taskRun(definition, placeOf(folder), this.#context.config.runOf(folder?.uri));
    const [first = ''] = run.args;
    const resource = isAbsolute(first) && !isOpen(first) ? vscode.Uri.file(first) : folder?.uri;
    const request: LaunchRequest | undefined = await launchRequest(this.#context, resource, run, definition.python);
    if (request === undefined) return undefined;
    // VS Code wants the very definition that it gave.
    return this.#context.launcher.task({ ...request, folder }, task.definition);
  }
}

function placeOf(folder: vscode.WorkspaceFolder | undefined): TaskPlace {
  const file = vscode.window.activeTextEditor?.document.uri;
  return {
    folder: folder?.uri.scheme === 'file' ? folder.uri.fsPath : undefined,
    file: file?.scheme === 'file' ? file.fsPath : undefined,
    variables: { home: homedir(), environment: process.env },
  };
}

function faultText(fault: TaskFault, name: string): string {
  const { t } = vscode.l10n;
  if (fault === 'noProgram') return t('The task “{0}” does not say what to run: it needs a “script” or a “module”.', name);
  if (fault === 'scriptAndModule') return t('The task “{0}” has both a “script” and a “module”. Take one of them out.', name);
  return t('In the task “{0}”, “{1}” is not what it should be. tasks.json shows what it takes.', name, fault.property);
}
