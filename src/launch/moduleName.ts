import { basename, dirname, join } from 'node:path';

/** A file as `python -m` finds it. */
export interface ModuleName {
  /** For instance "shop.tools.report". */
  readonly name: string;
  /** The folder that must be on Python's path: the one that holds the outermost package. */
  readonly root: string;
}

/** Packages are nested at most so deep; no real one comes near. */
const MAX_DEPTH = 50;

/**
 * The module that a file in a package is; undefined for one that is in no package (a folder with `__init__.py`) or
 * whose name is no module's.
 */
export async function moduleName(file: string, exists: (path: string) => Promise<boolean>): Promise<ModuleName | undefined> {
  const stem = basename(file).replace(/\.pyw?$/, '');
  const parts = stem === '__main__' || stem === '__init__' ? [] : [stem];
  let folder = dirname(file);
  for (let depth = 0; depth < MAX_DEPTH && dirname(folder) !== folder && (await exists(join(folder, '__init__.py'))); depth++) {
    parts.unshift(basename(folder));
    folder = dirname(folder);
  }
  if (folder === dirname(file) || parts.some((part) => !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(part))) return undefined;
  return { name: parts.join('.'), root: folder };
}
