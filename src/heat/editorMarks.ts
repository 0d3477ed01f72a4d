import * as vscode from 'vscode';
import type { LineText } from '../config.ts';
import type { Format } from '../format.ts';
import type { DocumentHeat } from './documentHeat.ts';
import { type ColorScale, hottestLines, type LineHeat } from './fileHeat.ts';
import { lineText } from './lineText.ts';
import type { Palette } from './palette.ts';

export interface MarkStyle {
  readonly hottestLines: number;
  readonly lineText: LineText;
  readonly colors: ColorScale;
  readonly format: Format;
}

/** The marks in one editor. Sends VS Code only what changed since the last time. */
export class EditorMarks {
  readonly #editor: vscode.TextEditor;
  readonly #palette: Palette;
  /** What the editor shows, by decoration type: current lines and texts, joined. */
  readonly #shown = new Map<vscode.TextEditorDecorationType, string>();

  constructor(editor: vscode.TextEditor, palette: Palette) {
    this.#editor = editor;
    this.#palette = palette;
  }

  /** @param totalTime µs of all samples @param hottest the hottest line's hottest expression, where that is known */
  show(heat: readonly LineHeat[], document: DocumentHeat, totalTime: number, style: MarkStyle, hottest: vscode.Range | undefined): void {
    const lines = this.#palette.levels.map((): number[] => []);
    for (const { line, level } of heat) {
      const current = document.toCurrent(line);
      if (current >= 0 && current < this.#editor.document.lineCount) lines[level]!.push(current);
    }
    for (const [level, ofLevel] of lines.entries()) {
      this.#set(this.#palette.levels[level]!, ofLevel.join(), () => ofLevel.map((line) => this.#beginning(line)));
    }
    const texts: { line: number; text: string }[] = [];
    for (const hot of hottestLines(heat, style.hottestLines, style.colors)) {
      const line = document.toCurrent(hot.line);
      if (line >= 0 && line < this.#editor.document.lineCount)
        texts.push({ line, text: lineText(hot, totalTime, style.lineText, style.format) });
    }
    this.#set(this.#palette.text, texts.map(({ line, text }) => `${line}:${text}`).join('\n'), () =>
      texts.map(({ line, text }) => ({ range: this.#beginning(line), renderOptions: { after: { contentText: text } } })),
    );
    const spans = hottest !== undefined && this.#isPart(hottest) ? [hottest] : [];
    this.#set(
      this.#palette.expression,
      spans.map(({ start, end }) => `${start.line}:${start.character}-${end.line}:${end.character}`).join(),
      () => spans,
    );
  }

  /**
   * Where a line's code begins. Marks are held there, so that VS Code itself moves them along with the code until ours come:
   * held at the line's end they would go to the new line below when Enter is pressed there, held at its start they would stay above.
   */
  #beginning(line: number): vscode.Range {
    const { firstNonWhitespaceCharacterIndex } = this.#editor.document.lineAt(line);
    return new vscode.Range(line, firstNonWhitespaceCharacterIndex, line, firstNonWhitespaceCharacterIndex);
  }

  /** Underlining all of a line would say nothing. */
  #isPart({ start, end }: vscode.Range): boolean {
    const { text, firstNonWhitespaceCharacterIndex } = this.#editor.document.lineAt(start.line);
    return start.line !== end.line || start.character > firstNonWhitespaceCharacterIndex || end.character < text.trimEnd().length;
  }

  clear(): void {
    for (const type of this.#shown.keys()) this.#set(type, '', () => []);
  }

  /** The editor has moved or lost marks by itself: send all again next time. */
  forget(): void {
    for (const type of this.#shown.keys()) this.#shown.set(type, 'forgotten');
  }

  #set(type: vscode.TextEditorDecorationType, key: string, ranges: () => readonly vscode.Range[] | vscode.DecorationOptions[]): void {
    if ((this.#shown.get(type) ?? '') === key) return;
    this.#shown.set(type, key);
    this.#editor.setDecorations(type, ranges());
  }
}
