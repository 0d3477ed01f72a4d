import fs from 'node:fs';
import path from 'node:path';

/** Folders above a file that are looked at: packages are not nested deeper. */
const maxDepth = 64;

/**
 * Names of a program's files as py-spy shortens them (shorten_filename in its src/python_spy.rs): from the outermost package on,
 * which is the last folder upwards that has an `__init__.py`. Files are looked for as the program sees them, so while it runs; a
 * name is kept once it is known.
 */
export class ShortNames {
  readonly #known = new Map<string, string>();
  /** Whether a folder is a package. */
  readonly #packages = new Map<string, boolean>();
  #root: string | null = null;

  /**
   * Looks at names that may be new.
   * @param pid the program, whose root folder may be another one (a container's); null: it does not run any more
   * @param workingDirectory what its relative names begin at
   */
  learn(files: readonly string[], pid: number | null, workingDirectory: string | null): void {
    this.#root = pid === null ? null : `/proc/${pid}/root`;
    for (const file of files) if (!this.#known.has(file)) this.#known.set(file, this.#shortened(file, workingDirectory));
  }

  get(file: string): string {
    return this.#known.get(file) ?? file;
  }

  #shortened(file: string, workingDirectory: string | null): string {
    // Frozen modules, strings and cells are no files.
    if (file === '' || file.startsWith('<') || file.includes('\0')) return file;
    if (!path.isAbsolute(file) && workingDirectory === null) return file;
    const absolute = path.resolve(workingDirectory ?? '/', file);
    let root = path.dirname(absolute);
    for (let depth = 0; depth < maxDepth && root !== '/' && this.#isPackage(root); depth++) root = path.dirname(root);
    return path.relative(root, absolute);
  }

  #isPackage(folder: string): boolean {
    let known = this.#packages.get(folder);
    if (known === undefined) {
      const file = path.join(folder, '__init__.py');
      known = (this.#root !== null && fs.existsSync(`${this.#root}${file}`)) || fs.existsSync(file);
      this.#packages.set(folder, known);
    }
    return known;
  }
}
