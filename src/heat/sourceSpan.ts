import { lineKey } from './alignLines.ts';

/** A part of a text: 0-based lines and UTF-16 characters, as editors count. */
export interface TextSpan {
  readonly startLine: number;
  readonly startCharacter: number;
  readonly endLine: number;
  /** Behind the last one. */
  readonly endCharacter: number;
}

/** The same as CPython counts (InstructionColumns): 1-based lines, and bytes of UTF-8 from the line's start plus 1. */
export interface ByteSpan {
  readonly line: number;
  readonly endLine: number;
  readonly startColumn: number;
  readonly endColumn: number;
}

/** Lines of an expression that are compared with what they were. Who writes longer ones sees where they begin. */
const maxLines = 200;

/**
 * What is needed of a text as it was profiled to find its expressions in a later one: keys of its lines, and the bytes before
 * what the keys tell.
 */
export class ProfiledLines {
  readonly keys: Uint32Array;
  readonly #indents: Uint32Array;

  constructor(text: string) {
    const lines = text.split(/\r\n|\r|\n/);
    this.keys = Uint32Array.from(lines, lineKey);
    this.#indents = Uint32Array.from(lines, indentBytes);
  }

  /**
   * Where an expression is now; undefined when one of its lines is gone or has another text than it had. Lines that were only
   * indented anew have the same.
   * @param toCurrent the current line of a profiled one, both 0-based; −1 when it is gone
   * @param lineAt text of a current line
   */
  find(
    { line, endLine, startColumn, endColumn }: ByteSpan,
    toCurrent: (line: number) => number,
    lineAt: (line: number) => string,
  ): TextSpan | undefined {
    if (startColumn === 0 || endLine < line || endLine - line >= maxLines) return undefined;
    const startLine = toCurrent(line - 1);
    for (let at = line - 1; at < endLine; at++) {
      const current = toCurrent(at);
      if (current < 0 || current - startLine !== at - (line - 1) || lineKey(lineAt(current)) !== this.keys[at]) return undefined;
    }
    const lastLine = startLine + endLine - line;
    const startCharacter = this.#characterAt(line - 1, lineAt(startLine), startColumn - 1);
    const endCharacter = this.#characterAt(endLine - 1, lineAt(lastLine), endColumn - 1);
    if (startCharacter < 0 || endCharacter < 0 || (startLine === lastLine && endCharacter <= startCharacter)) return undefined;
    return { startLine, startCharacter, endLine: lastLine, endCharacter };
  }

  #characterAt(profiled: number, text: string, bytes: number): number {
    return characterAt(text, bytes - this.#indents[profiled]! + indentBytes(text));
  }
}

/** UTF-8 bytes of the space a line begins with: what lineKey leaves out. */
function indentBytes(text: string): number {
  return Buffer.byteLength(text.slice(0, text.length - text.trimStart().length));
}

/** Index of the character that begins after so many bytes of UTF-8; −1 when none does, unless it is the end. */
export function characterAt(text: string, bytes: number): number {
  let at = 0;
  let count = 0;
  while (count < bytes && at < text.length) {
    const code = text.codePointAt(at)!;
    count += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
    at += code < 0x1_0000 ? 1 : 2;
  }
  return count === bytes && bytes >= 0 ? at : -1;
}
