/** Characters of a piece, about. */
const PIECE_LENGTH = 1 << 16;

/** Joins lines, which have their line feeds, to larger pieces: writing each alone would be slow. */
export function* joinedLines(lines: Iterable<string>): Generator<string, void> {
  let piece = '';
  for (const line of lines) {
    piece += line;
    if (piece.length > PIECE_LENGTH) {
      yield piece;
      piece = '';
    }
  }
  if (piece !== '') yield piece;
}
