import type { ByteSource } from './byteSource.ts';

/** A note of an ELF file (elf(5), "Notes"). */
interface ElfNote {
  readonly type: number;
  /** Who says what the type means: "GNU", "CORE". */
  readonly name: string;
  /** Of its description in the source. */
  readonly offset: number;
  readonly size: number;
}

/** Notes of a core file: some for each thread. */
const maxNotes = 1 << 20;
const maxName = 32;

/**
 * Notes one after the other, without their descriptions: {name size, description size, type, name, description}, names and
 * descriptions padded to 4 bytes. Ends where they stop to make sense, or are not there.
 */
export function* elfNotes(source: ByteSource, start: number, size: number): Generator<ElfNote> {
  const end = Math.min(start + size, source.size);
  let at = start;
  for (let count = 0; count < maxNotes && at + 12 <= end; count++) {
    const head = source.read(at, Math.min(12 + maxName, end - at));
    if (!head) return;
    const nameSize = head.readUInt32LE(0);
    const offset = at + 12 + align4(nameSize);
    const length = head.readUInt32LE(4);
    if (offset + length > end) return;
    const name = nameSize <= maxName ? head.toString('latin1', 12, 12 + nameSize).replace(/\0+$/, '') : '';
    yield { type: head.readUInt32LE(8), name, offset, size: length };
    at = offset + align4(length);
  }
}

function align4(value: number): number {
  return Math.ceil(value / 4) * 4;
}
