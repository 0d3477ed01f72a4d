import * as vscode from 'vscode';
import type { Config } from '../config.ts';

/** Lenses that come and go with settings and with the workspace's trust. */
export abstract class LensProvider implements vscode.CodeLensProvider, vscode.Disposable {
  protected readonly config: Config;
  readonly #onDidChange = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#onDidChange.event;
  readonly #subscriptions: vscode.Disposable;

  constructor(config: Config) {
    this.config = config;
    this.#subscriptions = vscode.Disposable.from(
      config.onDidChange(() => this.#onDidChange.fire()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#onDidChange.fire()),
    );
  }

  abstract provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[];

  dispose(): void {
    vscode.Disposable.from(this.#subscriptions, this.#onDidChange).dispose();
  }
}
