import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { writeAll } from './writeAll.ts';

/** Nothing can be written there. The message says where, why and, if there is anything to do, what. */
export class OutputError extends Error {
  override name = 'OutputError';
}

/** What is to be written, piece by piece. */
export type Pieces = AsyncIterable<string | Uint8Array>;

/** Where a profile goes: standard output, or a file. */
export interface Output {
  /** As the user calls it. */
  readonly name: string;
  /** @throws OutputError, or whatever the pieces throw */
  write(pieces: Pieces): Promise<void>;
}

/** Files that are being written, under the names they have until they are whole. */
const unfinished = new Set<string>();

/** Removes what is not whole yet, before an end that does not wait for it. */
export function removeUnfinished(): void {
  for (const file of unfinished) fs.rmSync(file, { force: true });
}

export const standardOutput: Output = {
  name: 'standard output',
  write: async (pieces) => {
    for await (const piece of pieces) await explained('standard output', () => writeAll(1, piece));
  },
};

/**
 * A file that is written whole or not at all: under another name beside it, and then renamed. What was there before stays until
 * then. (fs-write-stream-atomic, which did that with streams, is no longer kept; write-file-atomic takes only what is in memory
 * as a whole.)
 * @param directory where relative names begin; null: nowhere
 * @param mode of a file that is not there yet, without what the user's umask takes
 * @throws OutputError when it can be told now that it can't be written
 */
export function fileOutput(name: string, directory: string | null, mode = 0o666): Output {
  if (directory === null && !path.isAbsolute(name))
    throw new OutputError(`can't write ${name}: the working directory has been deleted. Give -o an absolute path.`);
  if (name === '' || name.endsWith('/')) throw new OutputError(`can't write ${name}: it is a folder. Give -o a file in it.`);
  const file = path.resolve(directory ?? '/', name);
  const { target } = targetOf(file, name);
  // Nothing else finds a file system that is read-only or full, and rights that modes don't show.
  const probe = temporaryName(target);
  try {
    fs.closeSync(fs.openSync(probe, 'wx', 0o600));
    fs.rmSync(probe);
  } catch (error) {
    throw new OutputError(`can't write ${name}: ${folderProblem(error, path.dirname(target))}`, { cause: error });
  }
  return { name, write: (pieces) => writeWhole(file, name, mode, pieces) };
}

async function writeWhole(file: string, name: string, newMode: number, pieces: Pieces): Promise<void> {
  const { target, stats } = targetOf(file, name);
  const temporary = temporaryName(target);
  const mode = stats === undefined ? newMode : stats.mode & 0o777;
  unfinished.add(temporary);
  try {
    const handle = await explained(name, () => open(temporary, 'wx', mode));
    try {
      for await (const piece of pieces) await explained(name, () => writeAll(handle.fd, piece));
      await explained(name, () => complete(handle, stats));
    } finally {
      await handle.close();
    }
    targetOf(file, name); // it may be something else by now, which a rename would replace
    await explained(name, () => fs.promises.rename(temporary, target));
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  } finally {
    unfinished.delete(temporary);
  }
}

/** Makes a new file what the one it replaces was. On the disk it is before it has its name: otherwise a crash leaves an empty one. */
async function complete(handle: FileHandle, replaced: fs.Stats | undefined): Promise<void> {
  if (replaced !== undefined) {
    try {
      await handle.chown(replaced.uid, replaced.gid);
    } catch {
      // Only root may give files away; it is ours, then.
    }
    await handle.chmod(replaced.mode & 0o777);
  }
  await handle.sync();
}

interface Target {
  /** Links followed. */
  readonly target: string;
  /** Undefined: there is nothing yet. */
  readonly stats: fs.Stats | undefined;
}

/** @throws OutputError for what is there and is no file, or one that may not be changed */
function targetOf(file: string, name: string): Target {
  let stats: fs.Stats;
  try {
    stats = fs.statSync(file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT')
      throw new OutputError(`can't write ${name}: ${folderProblem(error, path.dirname(file))}`, { cause: error });
    if (fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined)
      throw new OutputError(`can't write ${name}: it is a link to something that is not there. Remove it, or give another file with -o.`, {
        cause: error,
      });
    return { target: file, stats: undefined };
  }
  if (stats.isDirectory()) throw new OutputError(`can't write ${name}: it is a folder. Give -o a file in it.`);
  if (!stats.isFile())
    throw new OutputError(
      `can't write ${name}: it is ${kindOf(stats)}, not a file. With -o - the profile goes to standard output, and from there where you like.`,
    );
  try {
    fs.accessSync(file, fs.constants.W_OK);
    return { target: fs.realpathSync(file), stats };
  } catch (error) {
    throw new OutputError(`can't write ${name}: it is there and may not be changed (${systemText(error)}). Give another file with -o.`, {
      cause: error,
    });
  }
}

function kindOf(stats: fs.Stats): string {
  return stats.isFIFO() ? 'a pipe' : stats.isSocket() ? 'a socket' : 'a device';
}

function temporaryName(target: string): string {
  return path.join(path.dirname(target), `.heatline-${randomUUID()}.part`);
}

async function explained<T>(name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new OutputError(`can't write ${name}: ${systemText(error)}.`, { cause: error });
  }
}

function folderProblem(error: unknown, folder: string): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return `there is no folder ${folder}. Make it, or give another file with -o.`;
    case 'ENOTDIR':
      return `${folder} is no folder. Give another file with -o.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `in the folder ${folder} nothing may be written (${systemText(error)}). Give another file with -o.`;
    default:
      return `${systemText(error)}.`;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** What a system call's error means, without the names of files that the user never heard of. */
function systemText(error: unknown): string {
  const known =
    error instanceof Error && 'errno' in error && typeof error.errno === 'number' ? getSystemErrorMap().get(error.errno) : undefined;
  return known?.[1] ?? (error instanceof Error ? error.message : String(error));
}
