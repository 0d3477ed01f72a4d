/**
 * Cuts names to the width of their boxes. Measuring every cut would be the most expensive part of
 * a frame, so widths of single characters are remembered and summed up; kerning is not worth it.
 */
export class LabelFitter {
  readonly #measure: (text: string) => number;
  readonly #widths = new Map<number, number>();
  readonly #whole = new Map<string, number>();
  readonly #ellipsis: number;

  constructor(measure: (text: string) => number) {
    this.#measure = measure;
    this.#ellipsis = measure('…');
  }

  width(text: string): number {
    let width = this.#whole.get(text);
    if (width === undefined) {
      width = 0;
      for (let at = 0; at < text.length; at++) width += this.#charWidth(text.charCodeAt(at));
      this.#whole.set(text, width);
    }
    return width;
  }

  /** The text, or as much of its beginning as fits with an ellipsis; empty if not even two characters do. */
  fit(text: string, room: number): string {
    if (this.width(text) <= room) return text;
    let width = this.#ellipsis;
    let length = 0;
    while (length < text.length) {
      width += this.#charWidth(text.charCodeAt(length));
      if (width > room) break;
      length++;
    }
    // Half a surrogate pair is no character.
    const last = text.charCodeAt(length - 1);
    if (last >= 0xd800 && last < 0xdc00) length--;
    return length < 2 ? '' : `${text.slice(0, length)}…`;
  }

  #charWidth(code: number): number {
    let width = this.#widths.get(code);
    if (width === undefined) {
      width = this.#measure(String.fromCharCode(code));
      this.#widths.set(code, width);
    }
    return width;
  }
}
