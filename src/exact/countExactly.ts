import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { isFile } from '../files/fileStats.ts';
import type { LaunchRequest } from '../launch/launcher.ts';
import { factsOf, fileToRun, launchRequest } from '../launch/profileScript.ts';
import { fileRun } from '../launch/runOptions.ts';
import { openProfile } from '../sessions/openProfile.ts';
import { isTrusted } from '../sessions/record.ts';
import { TASK_TYPE } from '../tasks/taskDefinition.ts';
import { countedArguments, countedName, type Counter } from './countedRun.ts';

/** Results kept at most; tabs of older ones can't be opened again. */
const MAX_RESULTS = 20;
/** ms for Python to say whether it has line_profiler. */
const ASK_TIMEOUT = 10_000;

/** Runs a file under a profiler that counts each call or line, in the terminal, and opens what it says when the program has ended. */
export async function countExactly(context: Context, given?: vscode.Uri): Promise<void> {
  if (!(await isTrusted())) return;
  const uri = await fileToRun(given);
  if (uri === undefined) return;
  const run = fileRun(await factsOf(uri), context.config.runOf(uri), context.lastRuns.of(uri.fsPath));
  const request = await launchRequest(context, uri, run);
  if (request === undefined) return;
  const counter = await chooseCounter(request);
  if (counter === undefined) return;
  const folder = vscode.Uri.joinPath(context.extension.globalStorageUri, 'exact').fsPath;
  await makeRoom(folder);
  const output = join(folder, countedName(request.name, counter, new Date()));
  await runToEnd(request, countedArguments(request, counter, output));
  if (await isFile(output)) {
    await openProfile(vscode.Uri.file(output));
    return;
  }
  void vscode.window.showWarningMessage(
    vscode.l10n.t('{0} ended before {1} could write what it counted. The terminal says more.', request.name, counter),
  );
}

/** Which one is to count; undefined if the user thought better of it. Asks only where there is a choice. */
async function chooseCounter(request: LaunchRequest): Promise<Counter | undefined> {
  const { t } = vscode.l10n;
  if (!(await hasLineProfiler(request))) return 'cProfile';
  const items: readonly (vscode.QuickPickItem & { readonly counter: Counter })[] = [
    {
      label: t('Calls'),
      description: 'cProfile',
      detail: t('How often each function was called, and how long it took'),
      counter: 'cProfile',
    },
    {
      label: t('Lines'),
      description: 'line_profiler',
      detail: t('How often each line of {0} ran, and how long it took', request.name),
      counter: 'line_profiler',
    },
  ];
  return (await vscode.window.showQuickPick(items, { title: t('Count what in {0}?', request.name) }))?.counter;
}

async function hasLineProfiler({ python: [program, ...args], workingDirectory, environment }: LaunchRequest): Promise<boolean> {
  const question =
    'import sys\ntry:\n import importlib.util as u\n sys.exit(0 if u.find_spec("kernprof") else 1)\nexcept ImportError:\n sys.exit(1)';
  try {
    const options = { cwd: workingDirectory, env: { ...process.env, ...environment }, timeout: ASK_TIMEOUT };
    await promisify(execFile)(program, [...args, '-c', question], options);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when the program has ended. */
async function runToEnd({ python, name, workingDirectory, environment, folder }: LaunchRequest, args: readonly string[]): Promise<void> {
  const [program, ...own] = python;
  const execution = new vscode.ProcessExecution(program, [...own, ...args], { cwd: workingDirectory, env: { ...environment } });
  const definition = { type: TASK_TYPE, script: name };
  const task = new vscode.Task(
    definition,
    folder ?? vscode.TaskScope.Workspace,
    vscode.l10n.t('{0} (exact counts)', name),
    'Heatline',
    execution,
    [],
  );
  task.presentationOptions = {
    reveal: vscode.TaskRevealKind.Always,
    focus: true,
    echo: false,
    panel: vscode.TaskPanelKind.Dedicated,
    clear: true,
  };
  const started: { execution?: vscode.TaskExecution } = {};
  const ended = new Promise<void>((resolve) => {
    const subscription = vscode.tasks.onDidEndTask(({ execution: one }) => {
      if (one !== started.execution) return;
      subscription.dispose();
      resolve();
    });
  });
  started.execution = await vscode.tasks.executeTask(task);
  await ended;
}

/** A folder with room for one more result. */
async function makeRoom(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => ({ path: join(folder, name), time: (await stat(join(folder, name))).mtimeMs })),
  );
  files.sort((a, b) => b.time - a.time);
  for (const { path } of files.slice(MAX_RESULTS - 1)) await rm(path, { force: true });
}
