import { type FunctionRecord, isNative, isNotRead, isStartOrEnd } from './delta.ts';
import type { Profile } from './profile.ts';

/** Where code comes from. */
export type Origin = 'own' | 'library' | 'standard' | 'generated' | 'native';

/** Libraries that are no packages; no package has such a name. */
export const STANDARD_LIBRARY = '<standard library>';
export const IMPORT_MACHINERY = '<import>';
export const NATIVE_CODE = '<native>';

/**
 * Guessed from the path: site-packages and dist-packages hold what was installed, lib/pythonX.Y
 * (Lib on Windows, a zip in embedded Pythons) the standard library; names in angle brackets are
 * no files (`<frozen importlib._bootstrap>`, `<string>`).
 */
export function originOf(file: string): Exclude<Origin, 'native'> {
  if (/[\\/](site|dist)-packages[\\/]/.test(file)) return 'library';
  if (file.startsWith('<frozen ')) return 'standard';
  if (file.startsWith('<') && file.endsWith('>')) return 'generated';
  if (/[\\/]lib(64)?[\\/]python\d+(\.\d+)?t?[\\/]|[\\/]python\d+\.zip[\\/]/.test(file)) return 'standard';
  if (/^[a-z]:\\.*\\python[^\\]*\\lib\\/i.test(file)) return 'standard';
  return 'own';
}

/**
 * The library that a function is of: the package in site-packages, or one of the names above. Empty for the program's own code, for code
 * without a file, and for what stands for calls that could not be read.
 */
export function libraryOf(func: FunctionRecord): string {
  if (isNotRead(func) || isStartOrEnd(func)) return '';
  const { file } = func;
  const origin = originOf(file);
  if (origin === 'library') {
    const inPackages = /[\\/](?:site|dist)-packages[\\/]([^\\/]+)/g;
    const name = [...file.matchAll(inPackages)].at(-1)?.[1] ?? '';
    // Modules and shared objects: six.py, _cffi_backend.cpython-313-x86_64-linux-gnu.so, numpy.libs.
    const package_ = /^[^.]+/.exec(name)?.[0];
    if (package_ !== undefined) return package_;
  }
  if (origin === 'standard') return /^<frozen (?:importlib|zipimport)|[\\/]importlib[\\/]/.test(file) ? IMPORT_MACHINERY : STANDARD_LIBRARY;
  if (isNative(func)) return NATIVE_CODE;
  return origin === 'library' ? STANDARD_LIBRARY : '';
}

/** The libraries of a profile's functions, in the order in which they first appear: their ids never change, however much is added. */
export class Libraries {
  readonly names: string[] = [];
  /** By function id: the id of its library, -1 for the program's own code. */
  readonly ofFunction: number[] = [];
  readonly #ids = new Map<string, number>();

  /** Takes in functions that are new. */
  update(functions: readonly FunctionRecord[]): void {
    for (let func = this.ofFunction.length; func < functions.length; func++) {
      const name = libraryOf(functions[func]!);
      let id = name === '' ? -1 : this.#ids.get(name);
      if (id === undefined) {
        id = this.names.push(name) - 1;
        this.#ids.set(name, id);
      }
      this.ofFunction.push(id);
    }
  }

  /** -1 if there is none of that name. */
  id(name: string): number {
    return this.#ids.get(name) ?? -1;
  }
}

const known = new WeakMap<Profile, Libraries>();

/** The libraries of a profile as it is now. */
export function librariesOf(profile: Profile): Libraries {
  let libraries = known.get(profile);
  if (libraries === undefined) known.set(profile, (libraries = new Libraries()));
  libraries.update(profile.functions);
  return libraries;
}
