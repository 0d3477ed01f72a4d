import zlib from 'node:zlib';
import { BufferSource, type ByteSource, PartSource } from './byteSource.ts';
import type { ElfSection } from './elf.ts';
import { readWord } from './elfHeaders.ts';

/** SHF_COMPRESSED, ELFCOMPRESS_… (System V gABI, "Section Compression"). */
const compressedFlag = 0x800;
const Compression = { Zlib: 1, Zstandard: 2 } as const;
/** Elf64_Chdr: kind, size, alignment. */
const compressionHeader = 24;
/** Sections that are packed are unpacked as a whole: larger ones are left alone. */
const maxUnpacked = 128 * 1024 * 1024;
const maxPacked = 64 * 1024 * 1024;

/** What a section holds, unpacked where it is packed; null where it is broken, too large, or packed in a way that this Node does not know. */
export function sectionContent(source: ByteSource, { flags, fileOffset, size }: ElfSection): ByteSource | null {
  if ((flags & compressedFlag) === 0) return fileOffset + size <= source.size ? new PartSource(source, fileOffset, size) : null;
  const packed = size <= maxPacked ? source.read(fileOffset, size) : null;
  if (packed === null || packed.length < compressionHeader) return null;
  const length = readWord(packed, 8);
  if (length > maxUnpacked) return null;
  const unpacked = unpack(packed.readUInt32LE(0), packed.subarray(compressionHeader), length);
  return unpacked?.length === length ? new BufferSource(unpacked) : null;
}

function unpack(kind: number, packed: Buffer, length: number): Buffer | null {
  // Not before Node 22.15.
  const { zstdDecompressSync } = zlib as Partial<typeof zlib>;
  const maxOutputLength = Math.max(1, length);
  try {
    if (kind === Compression.Zlib) return zlib.inflateSync(packed, { maxOutputLength });
    return kind === Compression.Zstandard ? (zstdDecompressSync?.(packed, { maxOutputLength }) ?? null) : null;
  } catch {
    return null;
  }
}
