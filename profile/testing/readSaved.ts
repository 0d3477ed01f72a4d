import { AnyReader } from '../formats/anyReader.ts';
import type { SavedProfile } from '../formats/savedProfile.ts';

/** Reads a file in pieces. */
export function readSaved(bytes: Uint8Array, pieceLength = bytes.length): SavedProfile {
  const reader = new AnyReader();
  for (let at = 0; at < bytes.length; at += pieceLength) reader.push(bytes.subarray(at, at + pieceLength));
  return reader.end();
}
