import { type Binary, BinaryError, type BinaryFormat, type FileMapping } from './binary.ts';
import type { ByteSource } from './byteSource.ts';
import { elfFormat } from './elf.ts';

/** All we read, the most frequent first. */
const formats: readonly BinaryFormat[] = [elfFormat];

/** Opens a binary file. @throws BinaryError */
export function openBinary(source: ByteSource): Binary {
  return formatOf(source).open(source);
}

/** Opens a binary as a process has loaded it. @throws BinaryError */
export function openImage(source: ByteSource, mappings: readonly FileMapping[], pageSize: number): Binary {
  return formatOf(source).openImage(source, mappings, pageSize);
}

/** Whether something is a binary for processors with 32-bit addresses. */
export function is32Bit(source: ByteSource): boolean {
  return formats.some((format) => format.recognizes(source) && format.is32Bit(source));
}

function formatOf(source: ByteSource): BinaryFormat {
  const format = formats.find((one) => one.recognizes(source));
  if (format === undefined) throw new BinaryError('Not a binary of a format that Heatline reads');
  return format;
}
