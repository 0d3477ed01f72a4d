import { createGzip } from 'node:zlib';
import { collapsedLines } from '../profile/formats/collapsed.ts';
import { toFirefox } from '../profile/formats/firefox.ts';
import { toSpeedscope } from '../profile/formats/speedscope.ts';
import type { Profile } from '../profile/profile.ts';
import type { Format } from './arguments.ts';

/** Pieces that are written at once: characters. */
const pieceLength = 1 << 16;

/** A profile as a file has it, piece by piece. @throws ProfileFormatError or RangeError for one that is too big for the format */
export async function* encode(profile: Profile, format: Format): AsyncGenerator<string | Uint8Array, void> {
  if (format === 'raw') {
    yield* joined(collapsedLines(profile));
  } else if (format === 'speedscope') {
    yield JSON.stringify(toSpeedscope(profile));
  } else {
    const gzip = createGzip();
    gzip.end(JSON.stringify(toFirefox(profile)));
    yield* gzip as AsyncIterable<Buffer>;
  }
}

/** Joins lines, which have their line feeds, to larger pieces: writing each alone would be slow. */
function* joined(lines: Iterable<string>): Generator<string, void> {
  let piece = '';
  for (const line of lines) {
    piece += line;
    if (piece.length > pieceLength) {
      yield piece;
      piece = '';
    }
  }
  if (piece !== '') yield piece;
}
