import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { isFile, isFolder } from '../files/fileStats.ts';
import { joinArguments, splitArguments } from './commandLine.ts';
import type { ProfileSession } from '../sessions/profileSession.ts';
import { isTrusted } from '../sessions/record.ts';
import { findInterpreter, type PythonCommand } from './interpreter.ts';
import type { LaunchRequest } from './launcher.ts';
import { moduleName } from './moduleName.ts';
import { extensionsThatKnow } from './pythonExtensions.ts';
import { isOpen } from '../tasks/taskDefinition.ts';
import { absolutePath, type FileFacts, type FileRun, fileRun, type RunOptions } from './runOptions.ts';

/** What the last module is remembered under: no file is called so. */
const MODULE = '-m';

/** Runs a Python file in the terminal and profiles it: the given one, else the one in the editor. */
export async function profileScript(context: Context, given?: vscode.Uri): Promise<ProfileSession | undefined> {
  if (!(await isTrusted())) return undefined;
  const file = await fileToRun(given);
  return file === undefined ? undefined : profileFile(context, file, context.lastRuns.of(file.fsPath));
}

/** Runs a saved file as told. */
export async function profileFile(context: Context, uri: vscode.Uri, last: RunOptions): Promise<ProfileSession | undefined> {
  const run = fileRun(await factsOf(uri), context.config.runOf(uri), last);
  return profileRun(context, uri, run);
}

/** Asks for a module and profiles `python -m` with it, in the workspace folder. */
export async function profileModule(context: Context): Promise<ProfileSession | undefined> {
  const { t } = vscode.l10n;
  if (!(await isTrusted())) return undefined;
  const parse = (value: string): string[] | undefined => {
    const words = splitArguments(value.replace(/^\s*-m\s+/, ''));
    return /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u.test(words?.[0] ?? '') ? words : undefined;
  };
  const text = await vscode.window.showInputBox({
    title: t('Profile Python Module'),
    value: joinArguments(context.lastRuns.of(MODULE).args ?? []),
    placeHolder: 'http.server --bind 127.0.0.1',
    prompt: t('The module’s name as after “python -m”, and its arguments'),
    validateInput: (value) =>
      parse(value) === undefined ? t('A module’s name is words with dots between, as in “shop.report”.') : undefined,
  });
  const words = text === undefined ? undefined : parse(text);
  if (words === undefined) return undefined;
  await context.lastRuns.remember(MODULE, { args: words });
  const resource = vscode.window.activeTextEditor?.document.uri;
  const folder = folderOf(resource) ?? folderOf(undefined);
  const settings = context.config.runOf(resource);
  const workingDirectory = absolutePath(settings.workingDirectory ?? '', undefined, folder, variables);
  return profileRun(context, resource, {
    name: words[0]!,
    args: ['-m', ...words],
    workingDirectory,
    environment: settings.environment ?? {},
  });
}

/** Runs something with the workspace's Python, after whatever could prevent it has been checked. */
export async function profileRun(context: Context, resource: vscode.Uri | undefined, run: FileRun): Promise<ProfileSession | undefined> {
  const request = await launchRequest(context, resource, run);
  return request === undefined ? undefined : context.launcher.run(request);
}

/**
 * @param ownPython what to run it with, a program or an environment's folder, if not with the workspace's Python
 * @returns undefined if it can't be run; the user has been told why
 */
export async function launchRequest(
  context: Context,
  resource: vscode.Uri | undefined,
  run: FileRun,
  ownPython?: string,
): Promise<LaunchRequest | undefined> {
  const request = await requestFor(context, resource, run, ownPython);
  if (typeof request !== 'string') return request;
  const settings = vscode.l10n.t('Open Settings');
  void vscode.window.showErrorMessage(request, settings).then((choice) => {
    if (choice === settings) void vscode.commands.executeCommand('workbench.action.openSettings', 'heatline.run');
  });
  return undefined;
}

/** As `launchRequest`. @returns if it can't be run, why, in a sentence that nobody has been told */
export async function requestFor(
  context: Context,
  resource: vscode.Uri | undefined,
  run: FileRun,
  ownPython?: string,
): Promise<LaunchRequest | string> {
  const { t } = vscode.l10n;
  const python = await interpreterFor(context, resource, ownPython);
  if (python === undefined)
    return t('No Python was found to run {0} with. Choose an interpreter in the Python extension, or name one in the settings.', run.name);
  // What VS Code has still to fill in, it checks.
  if (!isOpen(run.workingDirectory) && !(await isFolder(run.workingDirectory)))
    return t('{0} can’t be run in {1}: there is no such folder.', run.name, run.workingDirectory);
  return {
    ...run,
    python,
    folder: resource === undefined ? vscode.workspace.workspaceFolders?.[0] : vscode.workspace.getWorkspaceFolder(resource),
  };
}

/**
 * The Python that the workspace uses for a file; undefined if there is none.
 * @param given what is asked for instead of what the setting says
 */
export async function interpreterFor(
  context: Context,
  resource: vscode.Uri | undefined,
  given?: string,
): Promise<PythonCommand | undefined> {
  const file = resource?.fsPath;
  const folder = folderOf(resource);
  const filled = (path: string): string =>
    path === '' || (!/[\\/$~]/.test(path) && !isAbsolute(path)) ? path : absolutePath(path, file, folder, variables);
  const defaultPath: unknown = vscode.workspace.getConfiguration('python', resource).get('defaultInterpreterPath');
  const python = await findInterpreter({
    setting: filled(given ?? context.config.runOf(resource).python),
    extensions: extensionsThatKnow(resource),
    defaultPath: typeof defaultPath === 'string' ? filled(defaultPath) : '',
    folders: folder === undefined ? [] : [folder],
    environment: process.env,
    platform: process.platform,
    isProgram,
    log: (message) => context.log.warn(message),
  });
  context.log.info(`Python for ${file ?? 'the workspace'}: ${python?.join(' ') ?? 'none'}`);
  return python;
}

/** The file a command is about, saved; undefined where there is none. */
export async function fileToRun(given: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  const { t } = vscode.l10n;
  const uri = given ?? vscode.window.activeTextEditor?.document.uri;
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri?.toString());
  if (uri === undefined || (open !== undefined && given === undefined && open.languageId !== 'python')) {
    void vscode.window.showInformationMessage(t('Open the Python file that is to be profiled.'));
    return undefined;
  }
  const saved = open === undefined || !(open.isDirty || open.isUntitled) ? uri : await vscode.workspace.save(uri);
  if (saved === undefined) return undefined; // its dialog was closed
  if (saved.scheme === 'file') return saved;
  void vscode.window.showErrorMessage(t('{0} is not on the machine where Heatline runs, so it can’t be run there.', saved.toString(true)));
  return undefined;
}

export async function factsOf(uri: vscode.Uri): Promise<FileFacts> {
  return { file: uri.fsPath, folder: folderOf(uri), module: await moduleName(uri.fsPath, isFile), variables };
}

const variables = { home: homedir(), environment: process.env };

function folderOf(uri: vscode.Uri | undefined): string | undefined {
  const folder = uri === undefined ? vscode.workspace.workspaceFolders?.[0] : vscode.workspace.getWorkspaceFolder(uri);
  return folder?.uri.scheme === 'file' ? folder.uri.fsPath : undefined;
}

async function isProgram(path: string): Promise<boolean> {
  const candidates = isAbsolute(path)
    ? [path]
    : (process.env['PATH'] ?? '')
        .split(delimiter)
        .filter(isAbsolute)
        .map((folder) => join(folder, path));
  for (const candidate of candidates) {
    try {
      await access(candidate, constants.X_OK);
      if (await isFile(candidate)) return true;
    } catch {
      // Not here: look on.
    }
  }
  return false;
}
