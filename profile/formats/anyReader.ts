import { ProfileFormatError } from '../profileFormatError.ts';
import { type Format, type ProfileReader, type ReadOptions, START_LENGTH } from './format.ts';
import { formats } from './registry.ts';
import type { SavedProfile } from './savedProfile.ts';

/** Reads a profile in any format that can be read: which it is, the file's beginning tells. */
export class AnyReader implements ProfileReader {
  #reader: ProfileReader | undefined;
  #unknown: string | undefined;
  readonly #options: ReadOptions;
  #start = new Uint8Array(START_LENGTH);
  #length = 0;

  /** @param format what it is said to be; unless told, the beginning decides */
  constructor(format?: Format, options: ReadOptions = {}) {
    this.#options = options;
    this.#reader = format === undefined ? undefined : readerOf(format, options);
    this.#unknown = format?.unknown;
  }

  push(bytes: Uint8Array): void {
    if (this.#reader !== undefined) {
      this.#reader.push(bytes);
      return;
    }
    const taken = bytes.subarray(0, START_LENGTH - this.#length);
    this.#start.set(taken, this.#length);
    this.#length += taken.length;
    if (this.#length < START_LENGTH) return;
    this.#begin().push(bytes.subarray(taken.length));
  }

  end(): SavedProfile {
    const saved = (this.#reader ?? this.#begin()).end();
    return this.#unknown === undefined ? saved : { ...saved, unknown: this.#unknown };
  }

  #begin(): ProfileReader {
    const start = this.#start.subarray(0, this.#length);
    if (this.#length === 0) throw new ProfileFormatError('This file is empty.');
    const format = recognised(start);
    if (format === undefined) {
      const names = formats.filter(({ read }) => read !== undefined).map(({ name }) => name);
      throw new ProfileFormatError(`This is no profile in a format that Heatline can read: ${names.join(', ')}.`);
    }
    this.#unknown = format.unknown;
    this.#reader = readerOf(format, this.#options);
    this.#reader.push(start);
    this.#start = new Uint8Array(0);
    return this.#reader;
  }
}

/** The format of a file by its first bytes (START_LENGTH, or all); undefined: none that can be read. */
export function recognised(start: Uint8Array): Format | undefined {
  return formats.findLast(({ read, recognises }) => read !== undefined && recognises?.(start) === true);
}

function readerOf({ read, name }: Format, options: ReadOptions): ProfileReader {
  if (read === undefined) throw new ProfileFormatError(`Heatline writes ${name}, but does not read it.`);
  return read(options);
}
