import path from 'node:path';
import { crc32 } from 'node:zlib';
import { type Binary, BinaryError } from '../binary/binary.ts';
import type { ByteSource } from '../binary/byteSource.ts';
import { openBinary } from '../binary/open.ts';
import type { ThreadContexts } from '../os/threadContexts.ts';

/** Where distributions put what they strip off (GDB manual, 18.3). */
const debugFolder = '/usr/lib/debug';
/** A larger file is not compared with a checksum. */
const maxChecked = 512 * 1024 * 1024;
const pieceSize = 1024 * 1024;

/** A file that was opened. Its source is to be closed. */
export interface DebugFile {
  readonly source: ByteSource;
  readonly binary: Binary;
}

/**
 * Opens the file with a binary's names that were stripped off it: by its build id, or by the name it has for it (.gnu_debuglink), in the
 * file system of the process.
 * @param file path of the binary there
 * @returns null where there is none, or only one of another build
 */
export function openDebugFile(contexts: ThreadContexts, file: string, binary: Binary): DebugFile | null {
  const id = binary.buildId();
  if (id !== null) {
    const opened = open(contexts, `${debugFolder}/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`, (one) => one.binary.buildId() === id);
    if (opened !== null) return opened;
  }
  const link = binary.debugLink();
  // A name, not a path: what a hostile file says leads nowhere else.
  if (link === null) return null;
  if (link.name !== path.posix.basename(link.name)) return null;
  const folder = path.posix.dirname(file);
  for (const place of [folder, `${folder}/.debug`, debugFolder + folder]) {
    const opened = open(contexts, `${place}/${link.name}`, (one) =>
      id !== null ? one.binary.buildId() === id : checksumOf(one.source) === link.checksum,
    );
    if (opened !== null) return opened;
  }
  return null;
}

function open(contexts: ThreadContexts, file: string, isRight: (opened: DebugFile) => boolean): DebugFile | null {
  const source = contexts.openFile(file);
  if (source === null) return null;
  try {
    const opened = { source, binary: openBinary(source) };
    if (isRight(opened)) return opened;
  } catch (error) {
    if (!(error instanceof BinaryError)) throw error;
  }
  source.close();
  return null;
}

function checksumOf(source: ByteSource): number | null {
  if (source.size > maxChecked) return null;
  let sum = 0;
  for (let at = 0; at < source.size; at += pieceSize) {
    const piece = source.read(at, Math.min(pieceSize, source.size - at));
    if (piece === null) return null;
    sum = crc32(piece, sum);
  }
  return sum;
}
