import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { BinaryError } from '../binary/binary.ts';
import { type ByteSource, FileSource, MemorySource } from '../binary/byteSource.ts';
import { readElfHeader } from '../binary/elfHeaders.ts';
import { openBinary, openImage } from '../binary/open.ts';
import { rangeAt } from '../memory/ranges.ts';
import type { MappedContent, MappedFile, Mapping } from '../os/system.ts';
import type { MissingFile } from './coreFailure.ts';
import type { CoreFile } from './coreFile.ts';
import { CoreMemory, type LeftOut } from './coreMemory.ts';

/** Of x86-64. */
export const pageSize = 4096;
/** Entries of a folder to search that are looked at. */
const maxEntries = 4096;
/** Files that are named as missing. */
const maxMissing = 1000;

/**
 * What tells one build of a binary from another: its build id, or else its headers, which say how long all of its parts are. (Of patched
 * binaries the id is not in the first page, which is all that the kernel dumps of them.)
 */
interface Identity {
  readonly buildId: string | null;
  readonly headers: Buffer;
}

/** Where a file of the program's is now. */
type Place = { readonly path: string; readonly isChecked: boolean } | MissingFile;

/**
 * The files that a program had mapped when its core was dumped, as they are now: what is another build is not taken for them. They are
 * looked for in the folders to search (under their whole path, their name, their build id), where the dump says, and where systems keep
 * binaries by build id.
 */
export class ProgramFiles {
  /** Files that had to be read and could not be had. */
  readonly missing = new Map<string, MissingFile>();
  private readonly search: readonly string[];
  private readonly dumped: CoreMemory;
  private readonly places = new Map<MappedFile, Place>();
  private readonly sources = new Map<MappedFile, FileSource | null>();
  /** All mappings in the order of their addresses. */
  private readonly mappings: readonly {
    readonly file: MappedFile;
    readonly mapping: Mapping;
    readonly start: number;
    readonly end: number;
  }[];
  private byBuildId: Map<string, string> | null = null;

  constructor(core: CoreFile, search: readonly string[]) {
    this.search = search;
    this.dumped = new CoreMemory(core, null);
    this.mappings = core.notes.files
      .flatMap((file) => file.mappings.map((mapping) => ({ file, mapping, start: mapping.start, end: mapping.end })))
      .sort((a, b) => a.mapping.start - b.mapping.start);
  }

  /** Files that are used although nothing in the dump tells whether they are the ones that ran. */
  get unchecked(): string[] {
    return [...this.places.values()].flatMap((place) => ('isChecked' in place && !place.isChecked ? [place.path] : []));
  }

  /** Opens a file's content; null when it can't be had. */
  open(file: MappedFile): MappedContent | null {
    const place = this.placeOf(file);
    if (!('isChecked' in place)) {
      this.note(place);
      return null;
    }
    try {
      const source = new FileSource(place.path);
      return { source, key: source.key };
    } catch {
      return null;
    }
  }

  /** Where what the dump left out at an address is; null: in no file. */
  leftOut(address: number): LeftOut | null {
    const found = rangeAt(this.mappings, address);
    if (found === null) return null;
    const { file, mapping } = found;
    let source = this.sources.get(file);
    if (source === undefined) {
      source = (this.open(file)?.source as FileSource | undefined) ?? null;
      this.sources.set(file, source);
    } else if (source === null) {
      const place = this.placeOf(file);
      if (!('isChecked' in place)) this.note(place);
    }
    return { source, offset: mapping.fileOffset + address - mapping.start, end: mapping.end };
  }

  close(): void {
    for (const source of this.sources.values()) source?.close();
    this.sources.clear();
    this.dumped.close();
  }

  private note(missing: MissingFile): void {
    if (this.missing.size < maxMissing) this.missing.set(missing.path, missing);
  }

  private placeOf(file: MappedFile): Place {
    let place = this.places.get(file);
    if (place === undefined) this.places.set(file, (place = this.find(file)));
    return place;
  }

  private find(file: MappedFile): Place {
    const identity = this.identityOf(file);
    let other: MissingFile | null = null;
    for (const candidate of this.candidates(file.path, identity?.buildId ?? null)) {
      const verdict = compare(candidate, identity);
      if (verdict === 'same' || verdict === 'unknown') return { path: candidate, isChecked: verdict === 'same' };
      if (verdict !== 'absent') other ??= { path: file.path, why: verdict, found: candidate };
    }
    return other ?? { path: file.path, why: 'absent', found: null };
  }

  /** By what the dump has of it; null: nothing that tells. */
  private identityOf({ mappings }: MappedFile): Identity | null {
    const first = mappings.find(({ fileOffset }) => fileOffset === 0);
    if (!first) return null;
    const end = mappings.reduce((highest, mapping) => Math.max(highest, mapping.end), 0);
    const source = new MemorySource(this.dumped, first.start, end - first.start);
    const headers = headersOf(source);
    return headers && { headers, buildId: binaryFact(() => openImage(source, mappings, pageSize).buildId()) };
  }

  private *candidates(file: string, buildId: string | null): Generator<string> {
    if (!path.isAbsolute(file) || file.includes('\0')) return;
    for (const folder of this.search) {
      yield path.join(folder, file);
      yield path.join(folder, path.basename(file));
    }
    yield file;
    if (buildId === null || buildId.length < 4) return;
    // As Fedora and its kin keep binaries; what debuginfod clients have fetched.
    const byId = path.join('.build-id', buildId.slice(0, 2), buildId.slice(2));
    for (const folder of [...this.search, '/usr/lib']) yield path.join(folder, byId);
    yield path.join(process.env['DEBUGINFOD_CACHE_PATH'] ?? path.join(os.homedir(), '.cache/debuginfod_client'), buildId, 'executable');
    this.byBuildId ??= buildIdsIn(this.search);
    const found = this.byBuildId.get(buildId);
    if (found !== undefined) yield found;
  }
}

/** Whether a file is the one that was mapped; unknown: the dump does not tell, and it is a binary. */
function compare(candidate: string, identity: Identity | null): 'same' | 'unknown' | MissingFile['why'] {
  const source = openRegular(candidate);
  if (source === null) return 'absent';
  try {
    if (identity === null) return isBinary(source) ? 'unknown' : 'data';
    if (identity.buildId !== null) return binaryFact(() => openBinary(source).buildId()) === identity.buildId ? 'same' : 'other-build';
    return headersOf(source)?.equals(identity.headers) === true ? 'same' : 'other-build';
  } finally {
    source.close();
  }
}

/** What a dump names may be a device, which is not to be opened even. */
function openRegular(file: string): FileSource | null {
  try {
    return fs.statSync(file).isFile() ? new FileSource(file) : null;
  } catch {
    return null;
  }
}

/** A binary's first bytes up to the end of its program headers, which follow each other; null: it is none, or they do not. */
function headersOf(source: ByteSource): Buffer | null {
  const header = binaryFact(() => readElfHeader(source));
  if (header === null) return null;
  const { segmentsOffset, segmentSize, segmentCount } = header;
  const end = segmentsOffset + segmentSize * segmentCount;
  return end <= pageSize ? source.read(0, end) : null;
}

function isBinary(source: FileSource): boolean {
  return binaryFact(() => openBinary(source)) !== null;
}

function binaryFact<Fact>(read: () => Fact): Fact | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof BinaryError) return null;
    throw error;
  }
}

/** Binaries right in these folders. */
function buildIdsIn(folders: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    let names: string[];
    try {
      names = fs.readdirSync(folder).sort().slice(0, maxEntries);
    } catch {
      continue;
    }
    for (const name of names) {
      const file = path.join(folder, name);
      const source = openRegular(file);
      const buildId = source && binaryFact(() => openBinary(source).buildId());
      source?.close();
      if (buildId !== null && !found.has(buildId)) found.set(buildId, file);
    }
  }
  return found;
}
