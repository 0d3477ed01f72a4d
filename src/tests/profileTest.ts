import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { isFolder as isFolderAt, statsOf } from '../files/fileStats.ts';
import type { PythonCommand } from '../launch/interpreter.ts';
import { factsOf, fileToRun, interpreterFor, profileRun } from '../launch/profileScript.ts';
import { absolutePath, fillVariables } from '../launch/runOptions.ts';
import type { ProfileSession } from '../sessions/profileSession.ts';
import { isTrusted } from '../sessions/record.ts';
import { chooseFramework, isPytestConfigured } from './framework.ts';
import { testRun } from './testCommand.ts';
import { isTestFile, testAt, testSource } from './testPlaces.ts';
import { type Framework, targetOfItem, type TestTarget } from './testTarget.ts';

/** Items looked at below one, to see which framework is theirs. */
const MAX_ITEMS = 100;
/** ms that Python may take to say whether it has pytest. */
const PATIENCE = 20_000;
/** Configuration files are small. */
const MAX_FILE = 1_000_000;

/**
 * Runs a test in the terminal and profiles it.
 * @param given an item of the Test Explorer, a folder or a file; without it, or if it is in the editor, the test around the cursor
 * @param names within the given file, from the outside in
 */
export async function profileTest(context: Context, given: unknown, names: unknown): Promise<ProfileSession | undefined> {
  if (!(await isTrusted())) return undefined;
  const found = isTestItem(given) ? await targetOf(given) : await targetIn(given instanceof vscode.Uri ? given : undefined, names);
  if (found === undefined) return undefined;
  if (vscode.workspace.getConfiguration('testing').get<unknown>('saveBeforeTest') !== false) await vscode.workspace.saveAll(false);
  const { uri, target } = found;
  const isFolder = await isFolderAt(target.path);
  const settings = testSettings(context, uri);
  const framework = await frameworkFor(context, uri, target, isFolder, settings);
  const { module } = await factsOf(uri);
  const facts = { isFolder, module, exists: async (path: string) => (await statsOf(path)) !== undefined };
  const run = await testRun(target, facts, {
    ...settings,
    framework,
    args: settings[framework].args,
    pythonPath: process.env['PYTHONPATH'],
  });
  return profileRun(context, uri, run);
}

interface Found {
  readonly uri: vscode.Uri;
  readonly target: TestTarget;
}

async function targetOf(item: vscode.TestItem): Promise<Found | undefined> {
  const { t } = vscode.l10n;
  const { uri } = item;
  if (uri?.scheme !== 'file') {
    void vscode.window.showWarningMessage(t('{0} does not say which file it is in, so it can’t be profiled.', item.label));
    return undefined;
  }
  const target = targetOfItem({ id: item.id, path: uri.fsPath, below: idsBelow(item) });
  if (target !== undefined) return { uri, target };
  // Another extension's: where it is in the file is all we know.
  const place = item.range === undefined ? undefined : testAt(testSource(await textOf(uri)).places, item.range.start.line);
  if (place !== undefined) return { uri, target: { path: uri.fsPath, names: place.names, framework: undefined } };
  void vscode.window.showWarningMessage(t('Heatline can’t tell which test “{0}” is. Use “Profile test” above it in its file.', item.label));
  return undefined;
}

async function targetIn(given: vscode.Uri | undefined, names: unknown): Promise<Found | undefined> {
  const { t } = vscode.l10n;
  const uri = given !== undefined && (await isFolderAt(given.fsPath)) ? given : await fileToRun(given);
  if (uri === undefined) return undefined;
  const of = (all: readonly string[]): Found => ({ uri, target: { path: uri.fsPath, names: all, framework: undefined } });
  if (isNames(names)) return of(names);
  // The explorer's menu says what else is selected there; from an editor's, it is the cursor that chooses.
  const { activeTextEditor } = vscode.window;
  if (Array.isArray(names) || activeTextEditor?.document.uri.toString() !== uri.toString()) return of([]);
  const { places } = testSource(await textOf(uri));
  const place = testAt(places, activeTextEditor.selection.active.line);
  if (place !== undefined) return of(place.names);
  if (places.length > 0 || isTestFile(basename(uri.fsPath))) return of([]);
  void vscode.window.showInformationMessage(t('There are no tests in {0}.', basename(uri.fsPath)));
  return undefined;
}

interface ProjectSettings {
  readonly pytest: { readonly isEnabled: boolean; readonly args: readonly string[] };
  readonly unittest: { readonly isEnabled: boolean; readonly args: readonly string[] };
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** What is set in the Python extension, whether it is there or not, and in Heatline. */
function testSettings(context: Context, uri: vscode.Uri): ProjectSettings {
  const python = vscode.workspace.getConfiguration('python.testing', uri);
  const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
  const variables = { home: homedir(), environment: process.env };
  const argsIn = (key: string): string[] => {
    const value: unknown = python.get(key);
    const args = Array.isArray(value) ? value.filter((arg): arg is string => typeof arg === 'string') : [];
    return args.map((arg) => fillVariables(arg, uri.fsPath, folder, variables));
  };
  const cwd: unknown = python.get('cwd');
  return {
    pytest: { isEnabled: python.get<unknown>('pytestEnabled') === true, args: argsIn('pytestArgs') },
    unittest: { isEnabled: python.get<unknown>('unittestEnabled') === true, args: argsIn('unittestArgs') },
    workingDirectory: absolutePath(typeof cwd === 'string' ? cwd : '', uri.fsPath, folder, variables),
    environment: context.config.runOf(uri).environment ?? {},
  };
}

async function frameworkFor(
  context: Context,
  uri: vscode.Uri,
  target: TestTarget,
  isFolder: boolean,
  { pytest, unittest }: ProjectSettings,
): Promise<Framework> {
  const { places, importsPytest, importsUnittest } = testSource(isFolder ? '' : await textOf(uri));
  // What unittest can't run needs no further thought.
  const place = places.find(({ names }) => names.join('::') === target.names.join('::').replace(/\[.*$/s, ''));
  const own = target.framework ?? (place?.isUnittest === false ? 'pytest' : undefined);
  const { fsPath } = uri;
  return chooseFramework({
    own,
    pytestEnabled: pytest.isEnabled,
    unittestEnabled: unittest.isEnabled,
    importsPytest,
    importsUnittest,
    isConfigured: () =>
      isPytestConfigured(isFolder ? fsPath : dirname(fsPath), vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath, readSmall),
    hasPytest: async () => {
      const python = await interpreterFor(context, uri);
      return python !== undefined && hasModule(python, 'pytest');
    },
  });
}

/** Whether a Python has a module. Looks for it without importing it. */
function hasModule([program, ...args]: PythonCommand, name: string): Promise<boolean> {
  const code = 'import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)';
  return new Promise((resolve) => {
    execFile(program, [...args, '-c', code, name], { timeout: PATIENCE, cwd: homedir() }, (error) => resolve(error === null));
  });
}

function idsBelow(item: vscode.TestItem): string[] {
  const ids: string[] = [];
  const queue: vscode.TestItemCollection[] = [item.children];
  for (let children = queue.shift(); children !== undefined; children = queue.shift()) {
    for (const [id, child] of children) {
      if (ids.push(id) >= MAX_ITEMS) return ids;
      queue.push(child.children);
    }
  }
  return ids;
}

function isTestItem(value: unknown): value is vscode.TestItem {
  return (
    typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' && 'label' in value && 'children' in value
  );
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string');
}

async function textOf(uri: vscode.Uri): Promise<string> {
  return (await vscode.workspace.openTextDocument(uri)).getText();
}

async function readSmall(path: string): Promise<string | undefined> {
  const stats = await statsOf(path);
  return stats?.isFile() === true && stats.size <= MAX_FILE ? readFile(path, 'utf8').catch(() => undefined) : undefined;
}
