import * as vscode from 'vscode';
import type { ProfiledName } from '../notebooks/cellFiles.ts';
import { lineKeys } from './alignLines.ts';
import { LineMap } from './lineMap.ts';
import { type ByteSpan, ProfiledLines } from './sourceSpan.ts';

/** A document that profiled code comes from: under which names, and where its lines are now. */
export class DocumentHeat {
  /** The `co_filename`s that mean it. */
  names: readonly ProfiledName[] = [];
  /** What `names` was worked out from. */
  namesKey = '';
  /** The text as it was run, if that is known; else the file's. */
  readonly profiledText: string | undefined;
  /** When the file that was taken for the profiled one had been changed last, ms since 1970; undefined: it is known what was run. */
  readonly changedAt: number | undefined;
  readonly #lines: ProfiledLines;
  readonly #map: LineMap;
  #document: vscode.TextDocument;
  #version: number;

  private constructor(document: vscode.TextDocument, base: string, profiledText?: string, changedAt?: number) {
    this.changedAt = changedAt;
    this.profiledText = profiledText;
    this.#document = document;
    this.#version = document.version;
    this.#lines = new ProfiledLines(base);
    this.#map = new LineMap(this.#lines.keys, lineKeys(document.getText()));
  }

  /** For a document whose text is known as it was run. */
  static of(document: vscode.TextDocument, profiledText: string): DocumentHeat {
    return new DocumentHeat(document, profiledText, profiledText);
  }

  /** Takes the file as it is on the disk for the profiled one: unsaved edits are later than the program. */
  static async create(document: vscode.TextDocument): Promise<DocumentHeat> {
    let text: string | undefined;
    if (document.isDirty) {
      try {
        text = new TextDecoder().decode(await vscode.workspace.fs.readFile(document.uri));
      } catch {
        // Not on the disk any more: what the editor holds is all there is.
      }
    }
    const changedAt = await vscode.workspace.fs.stat(document.uri).then(
      ({ mtime }) => mtime,
      () => undefined,
    );
    return new DocumentHeat(document, text ?? document.getText(), undefined, changedAt);
  }

  /** Catches up with a document that was closed and opened again, or edited unwatched. */
  sync(document: vscode.TextDocument): void {
    if (this.#document === document && this.#version === document.version) return;
    this.#document = document;
    this.#version = document.version;
    this.#map.realign(lineKeys(document.getText()));
  }

  /** Follows an edit. */
  edit({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (this.#document !== document || document.version !== this.#version + 1) {
      this.sync(document);
      return;
    }
    this.#version = document.version;
    // Ranges are of the text before; from the top down, each is moved by the changes above it.
    let moved = 0;
    const changes = [...contentChanges].sort((a, b) => a.range.start.compareTo(b.range.start));
    for (const { range, text } of changes) {
      const startLine = range.start.line + moved;
      const newCount = countLineBreaks(text) + 1;
      const newLines = Array.from({ length: newCount }, (_, i) =>
        startLine + i < document.lineCount ? document.lineAt(startLine + i).text : '',
      );
      this.#map.apply({ startLine, startCharacter: range.start.character, endLine: range.end.line + moved, newLines });
      moved += newCount - 1 - (range.end.line - range.start.line);
    }
  }

  /** The current line (0-based) of a profiled one (1-based, as Python counts); -1 if it is gone. */
  toCurrent(line: number): number {
    return this.#map.toCurrent(line - 1);
  }

  /** Where an expression is now; undefined when its lines are gone or have another text than when they were profiled. */
  rangeOf(span: ByteSpan): vscode.Range | undefined {
    const document = this.#document;
    const found = this.#lines.find(
      span,
      (line) => this.#map.toCurrent(line),
      (line) => (line < document.lineCount ? document.lineAt(line).text : ''),
    );
    return found === undefined ? undefined : new vscode.Range(found.startLine, found.startCharacter, found.endLine, found.endCharacter);
  }

  /** The profiled line (1-based) that is now at `line` (0-based); 0 for a new one. */
  toProfiled(line: number): number {
    return this.#map.toProfiled(line) + 1;
  }
}

function countLineBreaks(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}
