import * as vscode from 'vscode';

/** Of the URIs of cells' documents. */
export const CELL_SCHEME = 'vscode-notebook-cell';

/** Types of notebooks whose cells IPython runs: .ipynb files, and the Interactive window. */
const TYPES = ['jupyter-notebook', 'interactive'];

/** Whether Python runs a notebook's cells, as far as the notebook says. */
export function isPythonNotebook(notebook: vscode.NotebookDocument): boolean {
  if (!TYPES.includes(notebook.notebookType)) return false;
  const language = languageOf(notebook.metadata) ?? languageOf(fieldOf(notebook.metadata, 'custom'));
  if (language !== undefined) return language === 'python';
  const codeCells = notebook.getCells().filter(({ kind }) => kind === vscode.NotebookCellKind.Code);
  return codeCells.length === 0 || codeCells.some(isPythonCell);
}

export function isPythonCell({ kind, document }: vscode.NotebookCell): boolean {
  return kind === vscode.NotebookCellKind.Code && document.languageId === 'python';
}

/** What nbformat's metadata say: `kernelspec.language`, `language_info.name`. VS Code has had them under `custom`, too. */
function languageOf(metadata: unknown): string | undefined {
  const nested = fieldOf(metadata, 'metadata') ?? metadata;
  for (const language of [fieldOf(fieldOf(nested, 'kernelspec'), 'language'), fieldOf(fieldOf(nested, 'language_info'), 'name')]) {
    if (typeof language === 'string') return language.toLowerCase();
  }
  return undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
