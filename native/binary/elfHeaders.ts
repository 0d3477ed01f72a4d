import { BinaryError } from './binary.ts';
import type { ByteSource } from './byteSource.ts';
import type { ElfSegment } from './elfPlacement.ts';

/** First four bytes, and values of the fifth (elf(5)): ELFCLASS32, ELFCLASS64. */
export const elfMagic = 0x7f454c46;
export const class32 = 1;
const class64 = 2;
/** The number of segments is elsewhere (PN_XNUM): core files may have more than 65 534. */
const manySegments = 0xffff;

/** ELF file header fields (Elf64_Ehdr). */
export interface ElfHeader {
  /** e_type, elf(5). */
  readonly type: number;
  readonly machine: number;
  readonly segmentsOffset: number;
  readonly segmentSize: number;
  readonly segmentCount: number;
  readonly sectionsOffset: number;
  readonly sectionSize: number;
  readonly sectionCount: number;
  readonly sectionNames: number;
}

/** Of a 64-bit little-endian file. @throws BinaryError */
export function readElfHeader(source: ByteSource): ElfHeader {
  const bytes = source.read(0, 64);
  if (bytes?.readUInt32BE(0) !== elfMagic) throw new BinaryError('Not an ELF file');
  if (bytes[4] !== class64) throw new BinaryError('Not a 64-bit ELF file');
  if (bytes[5] !== 1) throw new BinaryError('Not a little-endian ELF file');
  return {
    type: bytes.readUInt16LE(16),
    machine: bytes.readUInt16LE(18),
    segmentsOffset: readWord(bytes, 32),
    sectionsOffset: readWord(bytes, 40),
    segmentSize: bytes.readUInt16LE(54),
    segmentCount: bytes.readUInt16LE(56),
    sectionSize: bytes.readUInt16LE(58),
    sectionCount: bytes.readUInt16LE(60),
    sectionNames: bytes.readUInt16LE(62),
  };
}

/** The program header table. @param most entries that it may have. @throws BinaryError */
export function readSegments(source: ByteSource, header: ElfHeader, most: number): ElfSegment[] {
  const { segmentsOffset, segmentSize } = header;
  let { segmentCount } = header;
  // Then it is the sh_info of the first section.
  if (segmentCount === manySegments) segmentCount = source.read(header.sectionsOffset + 44, 4)?.readUInt32LE(0) ?? segmentCount;
  if (segmentCount === 0) return [];
  if (segmentSize < 56 || segmentCount > most) throw new BinaryError('Broken ELF file: impossible program headers');
  const bytes = source.read(segmentsOffset, segmentSize * segmentCount);
  if (!bytes) throw new BinaryError('Broken ELF file: its program headers are outside of it');
  const segments: ElfSegment[] = [];
  for (let i = 0; i < segmentCount; i++) {
    const at = i * segmentSize;
    segments.push({
      type: bytes.readUInt32LE(at),
      flags: bytes.readUInt32LE(at + 4),
      fileOffset: readWord(bytes, at + 8),
      address: readWord(bytes, at + 16),
      fileSize: readWord(bytes, at + 32),
      memorySize: readWord(bytes, at + 40),
    });
  }
  return segments;
}

/** A 64-bit value as a Number: exact below 2^53, and larger ones are nonsense that no bound lets through. */
export function readWord(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 0x1_0000_0000;
}
