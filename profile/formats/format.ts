import type { SampleFilter } from '../filter.ts';
import type { Profile } from '../profile.ts';
import type { PageParts } from './html/pageParts.ts';
import type { SavedProfile } from './savedProfile.ts';

/** Which samples are written; all of them unless told. To leave out idle threads: `onCpuOnly` and `readyOnly` together. */
export type WrittenSamples = Pick<SampleFilter, 'threads' | 'processes' | 'onCpuOnly' | 'readyOnly' | 'gilOnly'>;

export interface WriteOptions {
  readonly samples?: WrittenSamples;
  /** The text of a source file, for formats that show it; undefined: it is not there. Profiles come from anyone: it gives sources alone. */
  readonly sourceOf?: (file: string) => string | undefined;
  /** What the page is made of, for the format that is one: built beside the program. @throws Error if it is not there */
  readonly page?: () => PageParts;
}

/** What readers can do where it runs: in Node there is more than in browsers. */
export interface ReadOptions {
  /** Unpacks zstd. Absent: it can't. @throws ProfileFormatError for what is damaged or has more than so many bytes */
  readonly unzstd?: ((packed: Uint8Array, maxLength: number) => Uint8Array) | undefined;
}

/** Reads a file that comes in pieces and keeps none of them: bounded however large the file is. */
export interface ProfileReader {
  /** Reads the next bytes, unpacked. @throws ProfileFormatError with a message for the user */
  push(bytes: Uint8Array): void;
  /** What the file says, once all of it is there. @throws ProfileFormatError with a message for the user */
  end(): SavedProfile;
}

/** A file format. Command line, dialogs and editors know formats by this alone (registry.ts lists them). */
export interface Format {
  /** What users call it in commands and settings. */
  readonly id: string;
  /** Other names that users know it by. */
  readonly aliases: readonly string[];
  /** For people. A proper name, or a text that has translations. */
  readonly name: string;
  /** What opens it: one line for lists, in English. */
  readonly purpose: string;
  /**
   * What of a profile it can't hold: a sentence for people, in English, who are about to write one; null: it holds everything, or can't be written.
   */
  readonly lacks: string | null;
  /** What of a profile that was read from it is made up or missing, where that misleads: a sentence for people, in English. */
  readonly unknown?: string;
  /**
   * What its files' names end with, in lower case; new files get the first. If that is `.gz`, a file is packed unless its name has
   * another of these endings.
   */
  readonly endings: readonly string[];
  /** Its readers expect it gzipped, whatever the file is called. */
  readonly alwaysPacked?: boolean;
  /** The file, unpacked, piece by piece. Absent: it can only be read. @throws ProfileFormatError for a profile too big for it */
  readonly write?: (profile: Profile, options?: WriteOptions) => Iterable<string | Uint8Array, void>;
  /** Absent: it can only be written. */
  readonly read?: (options?: ReadOptions) => ProfileReader;
  /** Whether a file is in this format, by its first bytes (START_LENGTH of them, or all if there are fewer). */
  readonly recognises?: (start: Uint8Array) => boolean;
}

/** Bytes by which a file's format is told. */
export const START_LENGTH = 1 << 16;

/** The beginning as text, with its byte order mark and white space left out; what is no UTF-8 is replaced. */
export function startText(start: Uint8Array): string {
  return new TextDecoder().decode(start).trimStart();
}
