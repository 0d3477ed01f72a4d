import type { Memory } from '../memory/memory.ts';
import type { Layout } from './layout.ts';
import { pointerAt, readPointer } from './strings.ts';

/** Bounds: objects walked, blocks kept, looks at a place that changes, and where the lists' heads are looked for around `gc.collecting`. */
const limits = { objects: 20_000_000, blocks: 2048, looks: 4, before: 512, after: 256 };
/** Objects lie together: a block is read for one and serves its neighbours. */
const blockSize = 1 << 14;
/** `PyGC_Head`: next, prev (3.8 and newer), then the object. Both have flags in their low bits (pycore_gc.h). */
const headSize = 16;

/** Where a walk ended. */
export interface GcWalk {
  /** Lists that could not be followed to their end, because they were changed meanwhile. */
  readonly broken: number;
}

/**
 * Visits all objects that an interpreter's garbage collector tracks. For looks at a process, not for sampling: takes about half a
 * second for a million objects.
 * @param collecting address of the collector's member `collecting`, among which the lists' heads are
 * @param visit called with each object's address and its type's
 */
export function walkTrackedObjects(
  memory: Memory,
  layout: Layout,
  collecting: number,
  visit: (object: number, type: number) => void,
): GcWalk {
  const blocks = new Blocks(memory);
  let broken = 0;
  let left = limits.objects;
  for (const head of listHeads(memory, collecting)) {
    let current = head;
    let next = clean(readPointer(memory, head));
    while (next !== head) {
      if (left-- === 0 || !isLinked(blocks, current, next)) {
        const again = relink(memory, blocks, current);
        if (left <= 0 || again === 0) {
          broken++;
          break;
        }
        next = again;
        if (next === head) break;
      }
      visit(next + headSize, blocks.pointer(next + headSize + layout.object.type));
      current = next;
      next = clean(blocks.pointer(current));
    }
  }
  return { broken };
}

function clean(pointer: number): number {
  return pointer - (pointer % 4);
}

function isLinked(blocks: Blocks, current: number, next: number): boolean {
  return next > 4096 && next % 8 === 0 && clean(blocks.pointer(next + 8)) === current;
}

/** What follows an object by now, if that is certain; 0 if not. */
function relink(memory: Memory, blocks: Blocks, current: number): number {
  for (let look = 0; look < limits.looks; look++) {
    blocks.forget();
    const next = clean(readPointer(memory, current));
    if (isLinked(blocks, current, next)) return next;
  }
  return 0;
}

/** The heads of the collector's lists: they are members of its state, so one is found by its neighbours pointing back to it. */
function listHeads(memory: Memory, collecting: number): number[] {
  const start = collecting - (collecting % 8) - limits.before;
  const bytes = Buffer.alloc(limits.before + limits.after);
  if (!memory.read(start, bytes, 0, bytes.length)) return [];
  const heads: number[] = [];
  for (let at = 0; at + headSize <= bytes.length; at += 8) {
    const head = start + at;
    const next = clean(pointerAt(bytes, at));
    const previous = clean(pointerAt(bytes, at + 8));
    if (next < 4096 || previous < 4096 || next === head) continue;
    if (clean(readPointer(memory, next + 8)) === head && clean(readPointer(memory, previous)) === head) heads.push(head);
  }
  return heads;
}

class Blocks {
  private readonly memory: Memory;
  private readonly known = new Map<number, Buffer | null>();

  constructor(memory: Memory) {
    this.memory = memory;
  }

  /** The pointer at an address, 0 when it can't be read. */
  pointer(address: number): number {
    const offset = address % blockSize;
    if (offset > blockSize - 8 || address < 4096) return readPointer(this.memory, address);
    const block = this.block(address - offset);
    return block === null ? readPointer(this.memory, address) : pointerAt(block, offset);
  }

  forget(): void {
    this.known.clear();
  }

  private block(start: number): Buffer | null {
    let block = this.known.get(start);
    if (block === undefined) {
      if (this.known.size >= limits.blocks) this.known.clear();
      const bytes = Buffer.allocUnsafe(blockSize);
      block = this.memory.read(start, bytes, 0, blockSize) ? bytes : null;
      this.known.set(start, block);
    }
    return block;
  }
}
