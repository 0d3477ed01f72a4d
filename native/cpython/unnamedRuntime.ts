import type { AddressRange } from '../binary/binary.ts';
import type { Memory } from '../memory/memory.ts';
import type { HeapFrameLayout } from './layout.ts';

const two32 = 2 ** 32;
const pieceSize = 1024 * 1024;
/** An interpreter's static variables take 200 KB to 1 MB, and the host's own come on top. */
const maxSearched = 64 * 1024 * 1024;
/** Upper half of an address that a user's program can have (47 bits). */
const highestHalf = 0x7fff;
/** `PyTypeObject.tp_name`, in all versions. */
const typeName = 24;
const dictName = Buffer.from('dict\0', 'latin1');

/**
 * Finds the interpreter among the static variables of a binary that names none: one with libpython linked in statically, without
 * exported symbols, to 3.9 (from 3.10 on `_PyRuntime` has a section of its own). What points to an interpreter is known by what
 * that points to: a thread state that points back, and `sys.modules`.
 * @param ranges where the binary's variables are; multiples of 8
 * @returns address of `_PyRuntime`, to 3.6 of a variable that holds the first interpreter; null when there is none
 */
export function findUnnamedRuntime(memory: Memory, ranges: readonly AddressRange[], layout: HeapFrameLayout): number | null {
  const search = new Search(memory, layout);
  let left = maxSearched;
  for (const { start, end } of ranges) {
    for (let from = start; from < end && left > 0; from += pieceSize) {
      // What is looked for are two neighbours at most.
      const length = Math.min(pieceSize + 8, end - from, left);
      left -= length;
      const found = search.in(from, length);
      if (found !== null) return found - layout.runtime.interpretersHead;
    }
  }
  return null;
}

class Search {
  private readonly memory: Memory;
  private readonly layout: HeapFrameLayout;
  private readonly piece = new Uint32Array(pieceSize / 4 + 2);
  private readonly word = Buffer.alloc(8);
  /** Whether what an address points to is an interpreter; what is no pointer at all is not in here. */
  private readonly known = new Map<number, boolean>();

  constructor(memory: Memory, layout: HeapFrameLayout) {
    this.memory = memory;
    this.layout = layout;
  }

  /** @returns address of the variable */
  in(start: number, length: number): number | null {
    const bytes = new Uint8Array(this.piece.buffer, 0, length);
    if (!this.memory.read(start, bytes, 0, length)) return null;
    for (let at = 0; at + 2 <= length / 4; at += 2) {
      const address = this.pointerAt(at);
      if (address === 0 || !this.isInterpreter(address)) continue;
      // From 3.7 on `interpreters.head` is followed by `interpreters.main` (pycore_pystate.h, pycore_runtime.h), and it is not
      // the first word of the runtime.
      if (this.layout.runtime.interpretersHead > 0 && !(at + 4 <= length / 4 && this.isInterpreter(this.pointerAt(at + 2)))) continue;
      return start + 4 * at;
    }
    return null;
  }

  /** 0 for what can't be a pointer to something allocated. */
  private pointerAt(at: number): number {
    const low = this.piece[at]!;
    const high = this.piece[at + 1]!;
    return high <= highestHalf && low % 8 === 0 ? low + high * two32 : 0;
  }

  private isInterpreter(address: number): boolean {
    if (address < 4096) return false;
    let is = this.known.get(address);
    if (is === undefined) this.known.set(address, (is = this.looksLikeInterpreter(address)));
    return is;
  }

  private looksLikeInterpreter(address: number): boolean {
    const { interpreter, threadState } = this.layout;
    const thread = this.read(address + interpreter.threadsHead);
    if (thread < 4096 || thread % 8 !== 0 || this.read(thread + threadState.interpreter) !== address) return false;
    const next = this.read(address + interpreter.next);
    if (next !== 0 && (next < 4096 || this.read(next + interpreter.threadsHead) < 4096)) return false;
    return this.isDict(this.read(address + interpreter.modules));
  }

  private isDict(object: number): boolean {
    if (object < 4096) return false;
    const type = this.read(object + this.layout.object.type);
    const name = type < 4096 ? -1 : this.read(type + typeName);
    const text = Buffer.alloc(dictName.length);
    return name >= 4096 && this.memory.read(name, text, 0, text.length) && text.equals(dictName);
  }

  /** −1 when it can't be read. */
  private read(address: number): number {
    return this.memory.read(address, this.word, 0, 8) ? this.word.readUInt32LE(0) + this.word.readUInt32LE(4) * two32 : -1;
  }
}
