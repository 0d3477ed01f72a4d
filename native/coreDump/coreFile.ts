import { BinaryError } from '../binary/binary.ts';
import { FileSource, type ByteSource } from '../binary/byteSource.ts';
import { elfMagic, readElfHeader, readSegments } from '../binary/elfHeaders.ts';
import { type ElfSegment, SegmentType } from '../binary/elfPlacement.ts';
import { rangeAt } from '../memory/ranges.ts';
import { CoreError } from './coreFailure.ts';
import { type CoreNotes, endOfUserSpace, readCoreNotes } from './coreNotes.ts';
import { unpacked } from './unpack.ts';

/** e_type of a core file, e_machine of x86-64 (elf.h). */
const ET_CORE = 4;
const EM_X86_64 = 62;
/** PF_X and PF_W of a segment. */
const flag = { executable: 1, writable: 2 };
/** Mappings of a process: Linux allows 65 530 unless told otherwise (vm.max_map_count). */
const maxSegments = 1 << 20;
/** The kernel and gdb write one. */
const maxNoteSegments = 4;

/** A part of the process's memory. */
export interface CoreSegment {
  readonly start: number;
  readonly end: number;
  /** Where what the dump has of it ends: the rest was left out. */
  readonly dumpedEnd: number;
  readonly fileOffset: number;
  readonly writable: boolean;
  readonly executable: boolean;
}

/** A Linux core dump (core(5)) of an x86-64 program. Read in pieces, never the whole. */
export class CoreFile {
  readonly path: string;
  readonly source: ByteSource;
  /** In the order of their addresses. */
  readonly segments: readonly CoreSegment[];
  readonly notes: CoreNotes;
  /** Bytes that its end lacks. */
  readonly cutOff: number;

  /** @param path for messages. Owns the source. @throws CoreError */
  constructor(path: string, source: ByteSource) {
    this.path = path;
    this.source = source;
    const all = headers(path, source);
    const { segments, end } = loadSegments(all);
    this.segments = segments;
    this.cutOff = Math.max(0, end - source.size);
    const notes = all.filter(({ type }) => type === SegmentType.Note).slice(0, maxNoteSegments);
    // gdb leaves out what it does not dump altogether: code, mostly.
    this.notes = readCoreNotes(source, notes, (address) => this.segmentAt(address)?.executable ?? true);
    if (this.notes.threads.length === 0) throw new CoreError({ code: 'damaged', file: path, detail: 'it names no threads' });
  }

  /** What lies at an address; null: nothing did. */
  segmentAt(address: number): CoreSegment | null {
    return rangeAt(this.segments, address);
  }

  close(): void {
    this.source.close();
  }
}

/** Opens a core dump, unpacked first if it is packed. @throws CoreError */
export async function openCoreFile(path: string): Promise<CoreFile> {
  let source: FileSource;
  try {
    source = new FileSource(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CoreError({ code: 'no-file', file: path, detail: code ?? message });
  }
  const content = await unpacked(path, source);
  try {
    return new CoreFile(path, content);
  } catch (error) {
    content.close();
    throw error;
  }
}

function headers(path: string, source: ByteSource): ElfSegment[] {
  if (source.read(0, 4)?.readUInt32BE(0) !== elfMagic) throw new CoreError({ code: 'not-core', file: path, detail: 'it is no ELF file' });
  try {
    const header = readElfHeader(source);
    if (header.type !== ET_CORE) throw new CoreError({ code: 'not-core', file: path, detail: 'it is a program or a library' });
    if (header.machine !== EM_X86_64) throw new CoreError({ code: 'other-processor', file: path });
    return readSegments(source, header, maxSegments);
  } catch (error) {
    if (!(error instanceof BinaryError)) throw error;
    throw new CoreError({ code: 'damaged', file: path, detail: error.message });
  }
}

function loadSegments(all: readonly ElfSegment[]): { segments: CoreSegment[]; end: number } {
  const segments: CoreSegment[] = [];
  let fileEnd = 0;
  for (const { type, flags, address, fileOffset, fileSize, memorySize } of all) {
    fileEnd = Math.max(fileEnd, fileOffset + fileSize);
    const end = address + memorySize;
    if (type !== SegmentType.Load || end > endOfUserSpace || end <= address) continue;
    segments.push({
      start: address,
      end,
      dumpedEnd: address + Math.min(fileSize, memorySize),
      fileOffset,
      writable: (flags & flag.writable) !== 0,
      executable: (flags & flag.executable) !== 0,
    });
  }
  return { segments: segments.sort((a, b) => a.start - b.start), end: fileEnd };
}
