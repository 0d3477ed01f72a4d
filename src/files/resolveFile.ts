import { readlink, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { type LocalPath, localPath } from './localPath.ts';
import { baseName, bestSuffixMatch, isGenerated, sourceName, type WorkspaceFile } from './pathMatch.ts';

/** Where a profiled process sees its files. */
export interface ProcessPlace {
  /** Relative names start here. */
  readonly workingDirectory: string | null;
  /** Set when the process sees another file tree than we do (a container, a chroot): ours is below this folder while it lives. */
  readonly foreignRoot: string | null;
}

/** What of the workspace is needed to find files. */
export interface WorkspaceFiles {
  /** Paths of the workspace folders. */
  readonly folders: readonly string[];
  named(name: string): Promise<readonly WorkspaceFile[]>;
}

export type FileMatch =
  | { readonly kind: 'found'; readonly path: string }
  /** A cell of an open notebook, by its document's URI; `shift` is to be added to lines. */
  | { readonly kind: 'cell'; readonly uri: string; readonly shift: number }
  /** A cell that was changed since it was run, or of a notebook that is not open. */
  | { readonly kind: 'unknownCell' }
  /** Made by exec, eval or the interpreter: there never was a file. */
  | { readonly kind: 'generated' }
  | { readonly kind: 'missing' };

const MISSING: FileMatch = { kind: 'missing' };
/** Workspace files of one name that are looked at for being the very same file. */
const MAX_IDENTITY_CHECKS = 100;

/**
 * Finds the file that a `co_filename` means: where the process sees it, else, for containers and
 * profiles from elsewhere, the workspace file most like it. Files in the workspace come as the
 * workspace spells them, whatever links lie between.
 */
export async function resolveFile(file: string, processes: readonly ProcessPlace[], workspace: WorkspaceFiles): Promise<FileMatch> {
  if (isGenerated(file)) return { kind: 'generated' };
  const name = sourceName(file);
  const candidates = await workspace.named(baseName(name));
  let foreignCopy: string | undefined;
  const paths = new Set<string>();
  for (const { workingDirectory, foreignRoot } of processes.length > 0 ? processes : [{ workingDirectory: null, foreignRoot: null }]) {
    const path = localPath(name, workingDirectory);
    if (path === undefined) continue;
    paths.add(path);
    if (foreignRoot === null) {
      if ((await fileIdentity(path)) !== undefined) return { kind: 'found', path: await workspaceSpelling(path, workspace.folders) };
      continue;
    }
    const copy = localPath(join(foreignRoot, path), null);
    if (copy === undefined) continue;
    const identity = await fileIdentity(copy);
    if (identity === undefined) continue;
    // A mounted folder: the same file, maybe elsewhere.
    for (const same of [path, ...candidates.slice(0, MAX_IDENTITY_CHECKS).map(workspacePath)]) {
      if ((await fileIdentity(same)) === identity) return { kind: 'found', path: await workspaceSpelling(same, workspace.folders) };
    }
    foreignCopy ??= copy;
  }
  for (const path of paths.size > 0 ? paths : [name]) {
    const match = bestSuffixMatch(path, candidates) ?? bestSuffixMatch(name, candidates);
    if (match !== undefined) return { kind: 'found', path: match.path };
  }
  return foreignCopy === undefined ? MISSING : { kind: 'found', path: foreignCopy };
}

/** Where the user's own workspace is the user knows. */
function workspacePath({ path }: WorkspaceFile): LocalPath {
  return path as LocalPath;
}

/** Equal for two paths of one file; undefined for what is no file. */
async function fileIdentity(path: LocalPath): Promise<string | undefined> {
  try {
    const stats = await stat(path, { bigint: true });
    return stats.isFile() ? `${stats.dev.toString()}:${stats.ino.toString()}` : undefined;
  } catch {
    return undefined;
  }
}

/** A path as it reads below a workspace folder, where it lies in one by any way. */
async function workspaceSpelling(path: string, folders: readonly string[]): Promise<string> {
  if (folders.some((folder) => isBelow(path, folder))) return path;
  const real = await realPath(path);
  for (const folder of folders) {
    const realFolder = await realPath(folder);
    if (isBelow(real, realFolder)) return join(folder, real.slice(realFolder.length));
  }
  return path;
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The path without links; the path itself where that can't be known. */
export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return path;
  }
}

/** The way to a process's file tree if it is not ours (Linux: another mount namespace, or a chroot), else null. */
export async function foreignRoot(pid: number): Promise<string | null> {
  try {
    const root = `/proc/${pid}/root`;
    const [theirs, ours, target] = await Promise.all([readlink(`/proc/${pid}/ns/mnt`), readlink('/proc/self/ns/mnt'), readlink(root)]);
    return theirs === ours && target === '/' ? null : root;
  } catch {
    return null; // another system, a process of another user, or gone
  }
}
