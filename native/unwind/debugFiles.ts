import { homedir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { type Binary, BinaryError } from '../binary/binary.ts';
import { type ByteSource, FileSource } from '../binary/byteSource.ts';
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
 * @param ownFolders folders of ours that are looked through after those of the process, laid out as the system's
 * @returns null where there is none, or only one of another build
 */
export function openDebugFile(contexts: ThreadContexts, file: string, binary: Binary, ownFolders: readonly string[]): DebugFile | null {
  const id = binary.buildId();
  const byId = id === null ? null : `.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`;
  const isBuild = (one: DebugFile): boolean => one.binary.buildId() === id;
  const openTheirs = (place: string): ByteSource | null => contexts.openFile(place);
  if (byId !== null) {
    const opened =
      open(openTheirs, `${debugFolder}/${byId}`, isBuild) ?? firstOf(ownFolders, (own) => open(openOurs, `${own}/${byId}`, isBuild));
    if (opened !== null) return opened;
    const downloaded = firstOf(downloads(), (own) => open(openOurs, `${own}/${id!}/debuginfo`, isBuild));
    if (downloaded !== null) return downloaded;
  }
  const link = binary.debugLink();
  // A name, not a path: what a hostile file says leads nowhere else.
  if (link === null) return null;
  if (link.name !== path.posix.basename(link.name)) return null;
  const isRight = id !== null ? isBuild : (one: DebugFile): boolean => checksumOf(one.source) === link.checksum;
  const folder = path.posix.dirname(file);
  const theirs = [folder, `${folder}/.debug`, debugFolder + folder];
  const ours = ownFolders.flatMap((own) => [own + path.posix.normalize(folder), own]);
  return (
    firstOf(theirs, (place) => open(openTheirs, `${place}/${link.name}`, isRight)) ??
    firstOf(ours, (place) => open(openOurs, `${place}/${link.name}`, isRight))
  );
}

/** Where debuginfod's clients, as gdb, keep what they have downloaded (debuginfod_find_debuginfo(3)). */
function downloads(): readonly string[] {
  const { DEBUGINFOD_CACHE_PATH: own, XDG_CACHE_HOME: caches } = process.env;
  if (own !== undefined && own !== '') return [own];
  return [path.join(caches === undefined || caches === '' ? path.join(homedir(), '.cache') : caches, 'debuginfod_client')];
}

function firstOf(places: readonly string[], find: (place: string) => DebugFile | null): DebugFile | null {
  for (const place of places) {
    const found = find(place);
    if (found !== null) return found;
  }
  return null;
}

function openOurs(file: string): ByteSource | null {
  try {
    return new FileSource(file);
  } catch {
    return null;
  }
}

function open(openFile: (file: string) => ByteSource | null, file: string, isRight: (opened: DebugFile) => boolean): DebugFile | null {
  const source = openFile(file);
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
