import { isNotRead, isStartOrEnd } from '../../profile/delta.ts';
import { t } from '../l10n.ts';
import type { FunctionsMessage } from '../messages.ts';

/** Where code comes from; boxes are coloured by it. */
export type Origin = 'own' | 'library' | 'standard' | 'generated' | 'native';

/** The functions the host has told of so far, by id. */
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
      this.#searched,
    ])
      column.length = 0;
  }

  /** Returns false, and changes nothing, if the message does not go on where the last one ended. */
  add(message: FunctionsMessage): boolean {
    if (message.first !== this.count || message.firstFile !== this.#files.length) return false;
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
      this.#searched.push(`${name}\n${this.#files[file]!}`.toLowerCase());
    });
    return true;
  }

  file(func: number): string {
    return this.#files[this.#fileOf[func] ?? -1] ?? '';
  }

  /** The last part of the file's path. */
  fileName(func: number): string {
    return baseName(this.file(func));
  }

  /** Whether it stands for calls that could not be read, or Python's own start and end: it has no source. */
  isNotRead(func: number): boolean {
    return this.#notRead[func] === true;
  }

  /** Whether there is a line that can be opened. */
  hasSource(func: number): boolean {
    return !this.isNotRead(func) && this.#native[func] !== 1;
  }

  /** File and line, of native code whose source is not known its library; what stands for calls that could not be read says so instead. */
  place(func: number, line: number): string {
    return this.isNotRead(func)
      ? t('Stacks that changed while they were read: what was called here is not known')
      : this.#withLine(func, this.file(func), line);
  }

  /** The same, shorter; empty where there is no file. */
  shortPlace(func: number, line: number): string {
    return this.isNotRead(func) ? '' : this.#withLine(func, this.fileName(func), line);
  }

  #withLine(func: number, file: string, line: number): string {
    // A native function may have no line.
    return this.#native[func] === 1 || (this.#native[func] === 2 && line === 0) ? file : `${file}:${line}`;
  }

  /** 1 by id for the functions whose name or file has all the words; undefined for no words. */
  search(text: string): Uint8Array | undefined {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return undefined;
    return Uint8Array.from(this.#searched, (searched) => (words.every((word) => searched.includes(word)) ? 1 : 0));
  }
}

export function baseName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}

/**
 * Guessed from the path: site-packages and dist-packages hold what was installed, lib/pythonX.Y
 * (Lib on Windows, a zip in embedded Pythons) the standard library; names in angle brackets are
 * no files (`<frozen importlib._bootstrap>`, `<string>`).
 */
export function originOf(file: string): Origin {
  if (/[\\/](site|dist)-packages[\\/]/.test(file)) return 'library';
  if (file.startsWith('<frozen ')) return 'standard';
  if (file.startsWith('<') && file.endsWith('>')) return 'generated';
  if (/[\\/]lib(64)?[\\/]python\d+(\.\d+)?t?[\\/]|[\\/]python\d+\.zip[\\/]/.test(file)) return 'standard';
  if (/^[a-z]:\\.*\\python[^\\]*\\lib\\/i.test(file)) return 'standard';
  return 'own';
}
