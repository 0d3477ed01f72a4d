import { type Binary, BinaryError, type BinaryPlacement } from '../binary/binary.ts';
import { openBinary } from '../binary/open.ts';
import type { MappedFile, ProcessSource } from '../os/system.ts';
import { versionInBinary } from './version.ts';

/** What a binary says that has an interpreter to 3.9 built in, and names nothing of it. */
export interface UnnamedFacts {
  readonly placement: BinaryPlacement;
  /** As `versionText` spells it. */
  readonly version: string;
  readonly buildId: string | null;
}

/** By content: the same few programs are looked at again and again. Bounded by forgetting the oldest. */
const known = new Map<string, UnnamedFacts | null>();
const maxKnown = 4096;

/**
 * Variables of the environment that every interpreter asks for, since 2.6.8 and 3.2.3 (Python/random.c, Python/bootstrap_hash.c;
 * `Py_GetPythonHome`). A launcher that sets one of them knows no version of Python besides.
 */
const marks = ['PYTHONHASHSEED\0', 'PYTHONHOME\0'];
const pieceSize = 1024 * 1024;
/** Constants of the largest browsers are smaller. */
const maxSearched = 64 * 1024 * 1024;

/**
 * Looks whether a file holds an interpreter that it does not name, by its text constants: some 1 ms a MB of these the first time.
 * @returns null when it holds none, or can't be opened
 */
export function examineUnnamed(system: Pick<ProcessSource, 'openMappedFile'>, pid: number, file: MappedFile): UnnamedFacts | null {
  const content = system.openMappedFile(pid, file);
  if (!content) return null;
  try {
    let facts = known.get(content.key);
    if (facts !== undefined) return facts;
    facts = readUnnamed(() => openBinary(content.source));
    if (known.size >= maxKnown) known.delete(known.keys().next().value!);
    known.set(content.key, facts);
    return facts;
  } finally {
    content.source.close();
  }
}

function readUnnamed(open: () => Binary): UnnamedFacts | null {
  try {
    const binary = open();
    if (!hasAll(binary, marks)) return null;
    const version = versionInBinary(binary);
    return version === null ? null : { placement: binary.placement, version, buildId: binary.buildId() };
  } catch (error) {
    if (error instanceof BinaryError) return null;
    throw error;
  }
}

function hasAll(binary: Binary, texts: readonly string[]): boolean {
  let missing = texts;
  let left = maxSearched;
  for (const { address, size } of binary.texts('constants')) {
    for (let at = 0; at < size && left > 0; at += pieceSize, left -= pieceSize) {
      // A little overlap: a text may lie across two pieces.
      const piece = binary.readAt(address + at, Math.min(pieceSize + 64, size - at));
      if (!piece) break;
      missing = missing.filter((text) => !piece.includes(text, 0, 'latin1'));
      if (missing.length === 0) return true;
    }
  }
  return false;
}
