/** A file of the program's that is needed and could not be had. */
export interface MissingFile {
  /** As the core dump names it. */
  readonly path: string;
  /**
   * absent: it is nowhere we look; other-build: what is there is another build of it; data: it is no binary, and may have changed since,
   * which nothing tells.
   */
  readonly why: 'absent' | 'other-build' | 'data';
  /** What is there instead; null: nothing. */
  readonly found: string | null;
}

/** How files are packed; gzip and lz4 can always be unpacked, zstd where Node.js can. */
export type PackedFormat = 'gzip' | 'zstd' | 'lz4' | 'xz' | 'bzip2';

/** Why a core dump can't be read, with the facts a message for the user needs. */
export type CoreFailure =
  | { readonly code: 'no-file'; readonly file: string; readonly detail: string }
  | { readonly code: 'not-core'; readonly file: string; readonly detail: string }
  | { readonly code: 'other-processor'; readonly file: string }
  | { readonly code: 'damaged'; readonly file: string; readonly detail: string }
  | { readonly code: 'packed'; readonly file: string; readonly format: PackedFormat } // in a format that can't be unpacked here
  | { readonly code: 'no-room'; readonly file: string; readonly folder: string; readonly limit: number } // unpacked it has more bytes than the folder may take
  | { readonly code: 'missing-files'; readonly file: string; readonly files: readonly MissingFile[] }; // no Python was found, and it may be in one of these

export class CoreError extends Error {
  override name = 'CoreError';
  readonly failure: CoreFailure;

  constructor(failure: CoreFailure) {
    super(JSON.stringify(failure));
    this.failure = failure;
  }
}

/** A missing file, for people. */
export function missingText({ path, why, found }: MissingFile): string {
  switch (why) {
    case 'absent':
      return `${path}, which is not there`;
    case 'other-build':
      return `${path}: ${found ?? 'what is there'} is another build of it`;
    case 'data':
      return `${path}, which may hold something else by now`;
  }
}
