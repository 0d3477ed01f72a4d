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
    const closed = new AbortController();
    panel.onDidDispose(() => closed.abort());
    const source = await readProfile(this.#context, uri, closed.signal);
    if (closed.signal.aborted) {
      if (typeof source !== 'string') this.#context.sources.remove(source);
      return;
    }
    if (typeof source === 'string') {
      // Without the panel, VS Code would add that the “OverlayWebview has been disposed”, in a dialog above everything.
      panel.webview.html = messagePage(source);
      return;
    }
    this.#context.fillFlameGraph(panel, source);
    this.#context.showHeat(source);
    panel.onDidDispose(() => this.#context.sources.remove(source));
  }
}

/** A page of one sentence. */
function messagePage(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<!DOCTYPE html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'"></head><body><p>${escaped}</p></body></html>`;
}
