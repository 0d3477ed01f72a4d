import { posix, win32 } from 'node:path';

/** Folders that hold installed code; a workspace file is never taken for one of theirs by its name alone. */
const LIBRARY = /\/(?:site-packages|dist-packages|lib\/python\d+\.\d+)\//;

/** Whether a `co_filename` names no file: `<string>`, `<frozen importlib._bootstrap>`, `<stdin>`. */
export function isGenerated(file: string): boolean {
  return file === '' || (file.startsWith('<') && file.endsWith('>'));
}

/** The source that a `co_filename` stands for, should it name the compiled file. */
export function sourceName(file: string): string {
  return file
    .replace(/([\\/])__pycache__[\\/]([^\\/]+?)\.[a-z]+-\d+(?:\.opt-[12])?\.pyc$/, '$1$2.py')
    .replace(/^__pycache__[\\/]([^\\/]+?)\.[a-z]+-\d+(?:\.opt-[12])?\.pyc$/, '$1.py')
    .replace(/\.py[co]$/, '.py');
}

/** The last part of a path of any system. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** Whether a path is absolute on the system it comes from, which may not be this one. */
export function isAbsolutePath(path: string): boolean {
  return posix.isAbsolute(path) || (win32.isAbsolute(path) && !path.startsWith('\\')) || path.startsWith('\\\\');
}

/** A file of the workspace. */
export interface WorkspaceFile {
  readonly path: string;
  /** The same from its workspace folder on, with forward slashes. */
  readonly relativePath: string;
}

/**
 * The workspace file that a path of elsewhere (a container, another machine) most likely means: the
 * one that shares the most parts at the end. Name and folder must agree, or the whole path below the
 * workspace folder; where two are equally alike it is none.
 */
export function bestSuffixMatch(file: string, candidates: readonly WorkspaceFile[]): WorkspaceFile | undefined {
  const wanted = parts(file);
  const isLibrary = LIBRARY.test(slashed(file));
  let best: WorkspaceFile | undefined;
  let bestLength = 0;
  let isTied = false;
  for (const candidate of candidates) {
    const path = parts(candidate.path);
    let length = 0;
    while (length < path.length && length < wanted.length && path[path.length - 1 - length] === wanted[wanted.length - 1 - length])
      length++;
    const isWhole = length >= parts(candidate.relativePath).length || length === wanted.length;
    if (length === 0 || (length < 2 && !isWhole)) continue;
    if (isLibrary && !LIBRARY.test(slashed(candidate.path))) continue;
    if (length === bestLength) isTied = true;
    if (length > bestLength) {
      best = candidate;
      bestLength = length;
      isTied = false;
    }
  }
  return isTied ? undefined : best;
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}

function parts(path: string): string[] {
  return slashed(path)
    .split('/')
    .filter((part) => part !== '' && part !== '.');
}
