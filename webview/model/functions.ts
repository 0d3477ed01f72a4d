import { isNotRead, isStartOrEnd } from '../../profile/delta.ts';
import { t } from '../l10n.ts';
import { IMPORT_MACHINERY, NATIVE_CODE, type Origin, originOf, STANDARD_LIBRARY } from '../../profile/libraries.ts';
import { FOLDED } from '../../profile/weighedStacks.ts';
import type { FunctionsMessage } from '../messages.ts';

/** Functions and folded libraries that are meant: by a search, say. */
export interface FunctionSet {
  /** 1 by function id. */
  readonly functions: Uint8Array;
  /** 1 by library id. */
  readonly libraries: Uint8Array;
}

/** @param func function id, or from FOLDED on a folded library */
export function isIn({ functions, libraries }: FunctionSet, func: number): boolean {
  return (func < FOLDED ? functions[func] : libraries[func - FOLDED]) === 1;
}

/** The functions the host has told of so far, by id; from FOLDED on the libraries that they are folded into. */
export class Functions {
  readonly names: string[] = [];
  readonly firstLines: number[] = [];
  readonly origins: Origin[] = [];
  readonly #files: string[] = [];
  readonly #fileOrigins: Origin[] = [];
  readonly #fileOf: number[] = [];
  /** What stands for calls that could not be read. */
  readonly #notRead: boolean[] = [];
  /** As the message has it. */
  readonly #native: number[] = [];
  readonly #libraries: string[] = [];
  readonly #libraryOf: number[] = [];
  /** Name and file in lower case, for searching. */
  readonly #searched: string[] = [];

  get count(): number {
    return this.names.length;
  }

  clear(): void {
    for (const column of [
      this.names,
      this.firstLines,
      this.origins,
      this.#files,
      this.#fileOrigins,
      this.#fileOf,
      this.#notRead,
      this.#native,
      this.#libraries,
      this.#libraryOf,
      this.#searched,
    ])
      column.length = 0;
  }

  /** Returns false, and changes nothing, if the message does not go on where the last one ended. */
  add(message: FunctionsMessage): boolean {
    if (message.first !== this.count || message.firstFile !== this.#files.length || message.firstLibrary !== this.#libraries.length)
      return false;
    this.#libraries.push(...message.newLibraries);
    for (const file of message.newFiles) {
      this.#files.push(file);
      this.#fileOrigins.push(originOf(file));
    }
    message.names.forEach((given, position) => {
      const file = message.files[position]!;
      const record = { name: given, file: this.#files[file]!, firstLine: 0 };
      const isStart = isStartOrEnd(record);
      const cut = isStart || isNotRead(record);
      const name = isStart ? t('(Python starts or ends)') : cut ? t('(not read)') : given;
      const native = message.native[position]!;
      this.#notRead.push(cut);
      this.#native.push(native);
      this.names.push(name);
      this.firstLines.push(message.firstLines[position]!);
      this.origins.push(cut ? 'generated' : native !== 0 ? 'native' : this.#fileOrigins[file]!);
      this.#fileOf.push(file);
      this.#libraryOf.push(message.libraries[position]!);
      this.#searched.push(`${name}\n${this.#files[file]!}`.toLowerCase());
    });
    return true;
  }

  /** Whether there is such a function or folded library. */
  has(func: number): boolean {
    return func >= 0 && (func < FOLDED ? func < this.count : func - FOLDED < this.#libraries.length);
  }

  /** What to call it. */
  name(func: number): string {
    return func < FOLDED ? (this.names[func] ?? '') : `▸ ${libraryLabel(this.#libraries[func - FOLDED] ?? '')}`;
  }

  origin(func: number): Origin {
    return func < FOLDED ? (this.origins[func] ?? 'own') : originOfLibrary(this.#libraries[func - FOLDED] ?? '');
  }

  /** 0 where there is none. */
  firstLine(func: number): number {
    return this.firstLines[func] ?? 0;
  }

  /** The library that a function is of, or that a folded box is; undefined for the program's own code. */
  library(func: number): string | undefined {
    return this.#libraries[func < FOLDED ? this.#libraryOf[func]! : func - FOLDED];
  }

  /** The folded box of a library; undefined if no function is of it. */
  folded(library: string): number | undefined {
    const id = this.#libraries.indexOf(library);
    return id < 0 ? undefined : FOLDED + id;
  }

  file(func: number): string {
    return this.#files[this.#fileOf[func] ?? -1] ?? '';
  }

  /** The last part of the file's path. */
  fileName(func: number): string {
    return baseName(this.file(func));
  }

  /** What to call the module that a function is of: its file's last part, of packages with their own. */
  moduleName(func: number): string {
    if (func >= FOLDED || this.isNotRead(func)) return this.name(func);
    const parts = this.file(func).split(/[\\/]/);
    const last = parts.at(-1)!;
    return last === '__init__.py' ? parts.slice(-2).join('/') : last;
  }

  /** The library that it is of, or the last folder of its file; empty where there is none. */
  moduleFolder(func: number): string {
    if (func >= FOLDED || this.isNotRead(func)) return '';
    const library = this.library(func);
    if (library !== undefined) return libraryLabel(library);
    const file = this.file(func);
    return baseName(file.slice(0, Math.max(0, file.length - baseName(file).length - 1)));
  }

  /** The whole path; empty where there is none. */
  moduleFile(func: number): string {
    return func >= FOLDED || this.isNotRead(func) ? '' : this.file(func);
  }

  /** All functions of a function's module; a folded library by itself. */
  ofModule(func: number): FunctionSet {
    const set = this.only(func);
    if (func < FOLDED) this.#fileOf.forEach((file, other) => (set.functions[other] = file === this.#fileOf[func] ? 1 : 0));
    return set;
  }

  /** Whether it stands for calls that could not be read, or Python's own start and end: it has no source. */
  isNotRead(func: number): boolean {
    return this.#notRead[func] === true;
  }

  /** Whether there is a line that can be opened. */
  hasSource(func: number): boolean {
    return func < this.count && !this.isNotRead(func) && this.#native[func] !== 1;
  }

  /** File and line, of native code whose source is not known its library; what stands for calls that could not be read says so instead. */
  place(func: number, line: number): string {
    if (func >= FOLDED) return t('Calls within this library, folded. B opens it.');
    return this.isNotRead(func)
      ? t('Stacks that changed while they were read: what was called here is not known')
      : this.#withLine(func, this.file(func), line);
  }

  /** The same, shorter; empty where there is no file. */
  shortPlace(func: number, line: number): string {
    return func >= FOLDED || this.isNotRead(func) ? '' : this.#withLine(func, this.fileName(func), line);
  }

  #withLine(func: number, file: string, line: number): string {
    // A native function may have no line.
    return this.#native[func] === 1 || (this.#native[func] === 2 && line === 0) ? file : `${file}:${line}`;
  }

  /** The functions whose name or file has all the words, and the libraries whose name has; undefined for no words. */
  search(text: string, matchCase = false): FunctionSet | undefined {
    const words = (matchCase ? text : text.toLowerCase()).split(/\s+/).filter(Boolean);
    if (words.length === 0) return undefined;
    const matches = (searched: string): number => (words.every((word) => searched.includes(word)) ? 1 : 0);
    if (matchCase) return this.setOf(Uint8Array.from(this.searchedTexts(), matches));
    return {
      functions: Uint8Array.from(this.#searched, matches),
      libraries: Uint8Array.from(this.#libraries, (library) => matches(libraryLabel(library).toLowerCase())),
    };
  }

  /** What is searched, as it is written: of each function name and file in two lines, then the names of the libraries. */
  searchedTexts(): string[] {
    return [...this.names.map((name, func) => `${name}\n${this.file(func)}`), ...this.#libraries.map(libraryLabel)];
  }

  /** @param matches 1 by position in `searchedTexts`; what came since is in no set */
  setOf(matches: Uint8Array): FunctionSet {
    const functions = matches.length - this.#libraries.length;
    return { functions: matches.slice(0, functions), libraries: matches.slice(functions) };
  }

  /** One of them, or a folded library. */
  only(func: number): FunctionSet {
    const set = { functions: new Uint8Array(this.count), libraries: new Uint8Array(this.#libraries.length) };
    if (!this.has(func)) return set;
    if (func < FOLDED) set.functions[func] = 1;
    else set.libraries[func - FOLDED] = 1;
    return set;
  }
}

/** What people call a library. */
export function libraryLabel(library: string): string {
  if (library === STANDARD_LIBRARY) return t('Standard library');
  if (library === IMPORT_MACHINERY) return t('Import machinery');
  return library === NATIVE_CODE ? t('Native code') : library;
}

function originOfLibrary(library: string): Origin {
  if (library === NATIVE_CODE) return 'native';
  return library === STANDARD_LIBRARY || library === IMPORT_MACHINERY ? 'standard' : 'library';
}

export function baseName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
