import { alignLines, lineKey } from './alignLines.ts';

/** Lines that an edit replaced, in the text as it is when the earlier edits of the same event are in. All 0-based. */
export interface LineEdit {
  readonly startLine: number;
  readonly startCharacter: number;
  readonly endLine: number;
  /** The lines that now stand in place of startLine to endLine: at least one. */
  readonly newLines: readonly string[];
}

/**
 * Where the lines of a file as it was profiled are in the document as it is now. Lines that were
 * deleted are remembered: when they come back (undo, move) they are found again.
 */
export class LineMap {
  /** Keys (lineKey) of the lines as profiled. */
  readonly #base: Uint32Array;
  /** For each profiled line its current one or -1; ascends. */
  #current: Int32Array;

  /** Both by lineKeys: the text as profiled, the text as it is. */
  constructor(base: Uint32Array, current: Uint32Array) {
    this.#base = base;
    this.#current = alignLines(base, current);
  }

  /** Finds all lines anew, after changes that were not watched. */
  realign(current: Uint32Array): void {
    this.#current = alignLines(this.#base, current);
  }

  /** The current line of a profiled one, both 0-based; -1 when it is gone or never was. */
  toCurrent(line: number): number {
    return this.#current[line] ?? -1;
  }

  /** The profiled line that is now at `line`, both 0-based; -1 for lines that are new. */
  toProfiled(line: number): number {
    return this.#current.indexOf(line);
  }

  apply(edit: LineEdit): void {
    const { startLine, endLine, newLines } = edit;
    const delta = newLines.length - 1 - (endLine - startLine);
    const current = this.#current;
    // Everything between the last line before the edit and the first after it may be in the new text.
    let from = 0;
    let to = current.length;
    for (let i = 0; i < current.length; i++) {
      const line = current[i]!;
      if (line < 0) continue;
      if (line < startLine) from = i + 1;
      else if (line > endLine) {
        to = Math.min(to, i);
        current[i] = line + delta;
      }
    }
    if (from === to) return;
    const before = current.slice(from, to);
    const aligned = this.#alignKept(edit, before, from, delta);
    for (let i = 0; i < aligned.length; i++) current[from + i] = aligned[i]! < 0 ? -1 : startLine + aligned[i]!;
  }

  /** Finds the profiled lines `from`… in the new text of an edit: by their text, else by their place in the edit. */
  #alignKept({ startLine, startCharacter, endLine, newLines }: LineEdit, before: Int32Array, from: number, delta: number): Int32Array {
    const keys = Uint32Array.from(newLines, lineKey);
    const base = this.#base.subarray(from, from + before.length);
    const aligned = alignLines(base, keys);
    // Only equal text counts so far; alignLines also pairs what changed in place, and knows less of that than we do.
    for (let i = 0; i < aligned.length; i++) if (aligned[i]! >= 0 && keys[aligned[i]!] !== base[i]) aligned[i] = -1;
    const ceilings = new Int32Array(aligned.length); // the next place that is taken after each line
    let ceiling = newLines.length;
    for (let i = aligned.length - 1; i >= 0; i--) {
      ceilings[i] = ceiling;
      if (aligned[i]! >= 0) ceiling = aligned[i]!;
    }
    let floor = -1;
    for (let i = 0; i < aligned.length; i++) {
      if (aligned[i]! < 0 && before[i]! >= 0) {
        const offset = before[i]! - startLine;
        let place = -1;
        if (delta === 0) place = offset;
        else if (offset === 0 && startCharacter > 0) place = 0;
        else if (before[i] === endLine) place = newLines.length - 1;
        if (place > floor && place < ceilings[i]!) aligned[i] = place;
      }
      if (aligned[i]! >= 0) floor = aligned[i]!;
    }
    return aligned;
  }
}
