import { eastAsianWidth } from 'get-east-asian-width';

/** Marks that stand over others, and what steers their shaping: they take no column of their own. */
const withoutWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** Columns of a terminal that a character takes. @param character one code point that is no control character */
function widthOf(character: string): number {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return 1;
  return withoutWidth.test(character) ? 0 : eastAsianWidth(code);
}

/** The text in exactly so many columns: filled up with spaces, or cut with an ellipsis. */
export function fit(text: string, width: number): string {
  if (width <= 0) return '';
  let used = 0;
  /** What is left when an ellipsis has to stand behind. */
  let kept = '';
  let keptWidth = 0;
  for (const character of text) {
    const own = widthOf(character);
    if (used + own > width) return `${kept}…${' '.repeat(width - keptWidth - 1)}`;
    used += own;
    if (used > width - 1) continue;
    kept += character;
    keptWidth = used;
  }
  return text + ' '.repeat(width - used);
}
