import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { WorkspaceFile } from './pathMatch.ts';
import type { WorkspaceFiles } from './resolveFile.ts';

const PYTHON_FILES = '**/*.{py,pyw,pyx}';
/** Files listed at most; beyond that, what lies elsewhere may not be found by the end of its path. */
const MAX_FILES = 100_000;

/** The Python files of the workspace by name. Listed when first asked for, and anew after files come or go. */
export class WorkspaceIndex implements WorkspaceFiles, vscode.Disposable {
  readonly #onDidChange = new vscode.EventEmitter<void>();
  /** Files may be found now that were not, or others. */
  readonly onDidChange = this.#onDidChange.event;
  readonly #subscriptions: { dispose(): unknown }[] = [this.#onDidChange];
  #byName: Promise<Map<string, WorkspaceFile[]>> | undefined;
  #isWatching = false;

  get folders(): readonly string[] {
    return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
  }

  async named(name: string): Promise<readonly WorkspaceFile[]> {
    this.#watch();
    this.#byName ??= list();
    return (await this.#byName).get(name) ?? [];
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    const changed = (): void => {
      this.#byName = undefined;
      this.#onDidChange.fire();
    };
    const watcher = vscode.workspace.createFileSystemWatcher(PYTHON_FILES, false, true, false);
    this.#subscriptions.push(
      watcher,
      watcher.onDidCreate(changed),
      watcher.onDidDelete(changed),
      vscode.workspace.onDidChangeWorkspaceFolders(changed),
    );
  }
}

async function list(): Promise<Map<string, WorkspaceFile[]>> {
  const byName = new Map<string, WorkspaceFile[]>();
  if (vscode.workspace.workspaceFolders === undefined) return byName;
  for (const uri of await vscode.workspace.findFiles(PYTHON_FILES, undefined, MAX_FILES)) {
    if (uri.scheme !== 'file') continue;
    const file = { path: uri.fsPath, relativePath: vscode.workspace.asRelativePath(uri, false) };
    const name = posix.basename(uri.path);
    const files = byName.get(name);
    if (files === undefined) byName.set(name, [file]);
    else files.push(file);
  }
  return byName;
}
