import { readWord } from '../binary/elfHeaders.ts';
import type { CoreFile } from './coreFile.ts';
import type { CoreMemory } from './coreMemory.ts';

/** getauxval(3): the name of the executed file, the last of all on the stack. */
const AT_EXECFN = 31;
/** Bytes of arguments, environment and pointers to them (execve(2): 6 MiB at most). */
const mostAtEnd = 8 * 1024 * 1024;
const maxArguments = 4096;
/** Bytes of arguments that are kept. */
const maxTotal = 256 * 1024;

/**
 * A program's arguments, whole, from where the kernel put them (create_elf_tables, fs/binfmt_elf.c): their count, pointers to them,
 * NULL, those to the environment, NULL, the auxiliary vector, and then the texts.
 * @param auxiliary that vector
 * @returns null when they can't be found: the note with the process's facts has the first 79 bytes of them
 */
export function commandLineOnStack(memory: CoreMemory, core: CoreFile, auxiliary: Buffer): string[] | null {
  const end = auxiliaryValue(auxiliary, AT_EXECFN);
  const stack = core.segmentAt(end);
  if (stack === null) return null;
  const start = Math.ceil(Math.max(stack.start, end - mostAtEnd) / 8) * 8;
  const bytes = Buffer.alloc(Math.max(0, end - start));
  if (!memory.read(start, bytes, 0, bytes.length)) return null;
  const vector = bytes.lastIndexOf(auxiliary);
  if (vector < 0 || vector % 8 !== 0) return null;
  // Backwards over the environment, then over the arguments, to their count: a number, and no pointer.
  let at = vector - 16;
  while (at >= 0 && readWord(bytes, at) !== 0) at -= 8;
  const pointers: number[] = [];
  for (;;) {
    at -= 8;
    const value = at < 0 ? -1 : readWord(bytes, at);
    if (value === pointers.length) break;
    if (value < start || value >= end || pointers.length === maxArguments) return null;
    pointers.unshift(value - start);
  }
  const texts: string[] = [];
  let total = 0;
  for (const pointer of pointers) {
    const stop = bytes.indexOf(0, pointer);
    if (stop < 0) return null;
    total += stop - pointer;
    if (total > maxTotal) break;
    texts.push(bytes.toString('utf8', pointer, stop));
  }
  return texts.length === 0 ? null : texts;
}

/** What the auxiliary vector says under a number. @returns 0 when it is not there */
export function auxiliaryValue(auxiliary: Buffer, type: number): number {
  for (let at = 0; at + 16 <= auxiliary.length; at += 16) {
    if (readWord(auxiliary, at) === type) return readWord(auxiliary, at + 8);
  }
  return 0;
}
