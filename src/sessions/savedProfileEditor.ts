import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { readProfile, SAVED_PROFILE_EDITOR } from './openProfile.ts';

/** Opens saved profiles from the explorer like any file: as a flame graph, with their heat. */
export class SavedProfileEditor implements vscode.CustomReadonlyEditorProvider {
  readonly #context: Context;

  private constructor(context: Context) {
    this.#context = context;
  }

  static register(context: Context): vscode.Disposable {
    return vscode.window.registerCustomEditorProvider(SAVED_PROFILE_EDITOR, new SavedProfileEditor(context));
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  async resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): Promise<void> {
    const source = await readProfile(this.#context, uri);
    if (source === undefined) {
      panel.dispose(); // the user has been told why
      return;
    }
    this.#context.fillFlameGraph(panel, source);
    this.#context.showHeat(source);
    panel.onDidDispose(() => this.#context.sources.remove(source));
  }
}
