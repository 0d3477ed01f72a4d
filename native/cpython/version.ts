import type { Binary } from '../binary/binary.ts';

/** Letters of the release level nibble: alpha, beta, candidate, final (Include/patchlevel.h). */
const levels: Readonly<Record<number, string>> = { 0xa: 'a', 0xb: 'b', 0xc: 'rc', 0xf: '' };

/** Whether a number looks like the PY_VERSION_HEX of a Python 2 or 3. */
export function isVersion(hex: number): boolean {
  return (hex >>> 24 === 3 || hex >>> 24 === 2) && ((hex >>> 4) & 0xf) in levels;
}

/** Whether it is one whose memory we know, 3.0 to 3.2 being forgotten by everyone. */
export function isSupported(hex: number): boolean {
  return hex >>> 16 === 0x0207 || (hex >>> 24 === 3 && minorVersion(hex) >= 3);
}

/** Whether it is an alpha or beta version, whose structures may differ from those of the final release. */
export function isPreRelease(hex: number): boolean {
  return ((hex >>> 4) & 0xf) < 0xc;
}

/**
 * PY_VERSION_HEX of "3.8.18", "3.8.0rc1" or "3.8"; where the last number is missing, it is taken for 255.
 * @returns null for anything else
 */
export function parseVersion(text: string): number | null {
  const match = /^([23])\.(\d{1,2})(?:\.(\d{1,2})(?:(a|b|rc)(\d{1,2}))?)?$/.exec(text);
  if (!match) return null;
  const level = match[4] === undefined ? 0xf : { a: 0xa, b: 0xb, rc: 0xc }[match[4]]!;
  return (Number(match[1]) << 24) | (Number(match[2]) << 16) | (Number(match[3] ?? 255) << 8) | (level << 4) | Number(match[5] ?? 0);
}

export function minorVersion(hex: number): number {
  return (hex >>> 16) & 0xff;
}

/** "3.12.1" for 0x030c01f0, "3.14.0rc2" for 0x030e00c2, "3.8" where parseVersion got no more. */
export function versionText(hex: number): string {
  const level = levels[(hex >>> 4) & 0xf] ?? '?';
  const micro = (hex >>> 8) & 0xff;
  if (micro === 255) return `${hex >>> 24}.${minorVersion(hex)}`; // parseVersion was not told
  return `${hex >>> 24}.${minorVersion(hex)}.${micro}${level}${level === '' ? '' : hex & 0xf}`;
}

/** "3.8" for "/usr/lib/libpython3.8.so.1.0", "/usr/bin/python3.8" or "…/lib/python3.8/…". */
export function versionInPaths(paths: readonly string[]): string | null {
  for (const path of paths) {
    const match = /python(\d\.\d{1,2})(?!\d)/.exec(path);
    if (match) return match[1]!;
  }
  return null;
}

const pieceSize = 1024 * 1024;
const maxScanned = 64 * 1024 * 1024;

/**
 * The version of an interpreter that doesn't publish it (before 3.11), by the string that
 * `Py_GetVersion` shows: the first string ending in "2.7.N" or "3.N.N" (the linker merges it with longer
 * ones) of a minor version that the binary names elsewhere too ("python3.8", "cpython-38"), because other
 * libraries' versions look alike.
 */
export function versionInBinary(binary: Binary): string | null {
  const named = new Set<string>();
  for (const match of matches(binary, 'everything', /(?:python|cpython-)(\d)\.?(\d{1,2})(?!\d)/g)) named.add(`${match[1]}.${match[2]}`);
  for (const match of matches(binary, 'constants', /(?<![\d.])((2\.7|3\.\d{1,2})\.\d{1,2}(?:(?:a|b|rc)\d+)?)\+?\0/g)) {
    if (named.has(match[2]!)) return match[1]!;
  }
  return null;
}

/** Where a pattern matches a binary's texts, read in pieces. */
function* matches(binary: Binary, texts: 'constants' | 'everything', pattern: RegExp): Generator<RegExpMatchArray> {
  let left = maxScanned;
  for (const { address, size } of binary.texts(texts)) {
    for (let at = 0; at < size && left > 0; at += pieceSize, left -= pieceSize) {
      // A little overlap: a string may lie across two pieces.
      const piece = binary.readAt(address + at, Math.min(pieceSize + 64, size - at));
      if (!piece) break;
      yield* piece.toString('latin1').matchAll(pattern);
    }
  }
}
