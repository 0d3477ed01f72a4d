import type { Layout } from '../../cpython/layout.ts';
import { pointerAt } from '../../cpython/strings.ts';
import { CopyBuffer } from '../../memory/copyBuffer.ts';
import { type Memory, SpanPlan } from '../../memory/memory.ts';

/** Bytes of a text or table that are compared: more than most names have. */
const contentLimit = 64;

/** What tells one code object from another one that lies where it lay. */
export interface Identity {
  /** What to read: address and length (a multiple of 8) of each span. */
  readonly addresses: readonly number[];
  readonly lengths: readonly number[];
  readonly totalLength: number;
  readonly words: Int32Array;
  /** Pairs: the words from one up to another are compared. */
  readonly compared: readonly number[];
}

/**
 * Whether code objects that were decoded are still where they were. Compared are the members from the type to the line table; not
 * what counts references. A program that compiles again and again gets the same memory for the same purposes, so that a new code
 * object may have all members of the one before it, pointers included. 3.12+ gives each a number of its own (`co_version`,
 * Objects/codeobject.c), which is among them; before, what its name, file name and line table say is compared as well.
 */
export class CodeIdentities {
  /** Of the last `check`, by place in the list. */
  readonly same: boolean[] = [];
  private readonly identities: (Identity | null)[] = [];
  private readonly start: number;
  private readonly length: number;
  private readonly compared: readonly number[];
  private readonly plan = new SpanPlan();
  private copy = new CopyBuffer(4096);
  private readonly memory: Memory;
  private readonly layout: Layout;

  constructor(memory: Memory, layout: Layout) {
    this.memory = memory;
    this.layout = layout;
    this.start = layout.object.type;
    this.length = (layout.code.lineTable + 8 - this.start + 7) & ~7;
    const end = (layout.code.lineTable + 8 - this.start) >> 2;
    // 3.11 counts calls in `co_warmup`, behind the flags (Include/cpython/code.h).
    const warmUp = layout.major === 3 && layout.minor === 11 ? (layout.code.flags + 4 - this.start) >> 2 : end;
    this.compared = warmUp < end ? [0, warmUp, warmUp + 1, end] : [0, end];
  }

  /** It is not known to be anything any more. */
  forget(code: number): void {
    this.identities[code] = null;
  }

  isKnown(code: number): boolean {
    return (this.identities[code] ?? null) !== null;
  }

  /**
   * What a code object is that was decoded.
   * @param header what was read of it before that
   * @returns null when it has changed since, or was freed: what was decoded may be of several moments
   */
  identityAt(address: number, header: Uint8Array): Identity | null {
    const { plan, layout, start, length } = this;
    const text = Buffer.from(header.buffer, header.byteOffset, header.length);
    plan.clear();
    plan.add(address, start);
    plan.add(address + start, length);
    const compared = [...this.compared];
    const members = this.telling();
    const sizes = members.map(({ at, object }) => this.sizeOf(pointerAt(text, at), object));
    if (sizes.includes(-1)) return null;
    members.forEach(({ at, object, data }, i) => {
      const from = plan.add(pointerAt(text, at) + object, (data - object + sizes[i]! + 7) & ~7) - start;
      compared.push(from >> 2, (from >> 2) + 2, (from + data - object) >> 2, (from + data - object + ((sizes[i]! + 7) & ~7)) >> 2);
    });
    if (this.read(plan) < plan.totalLength) return null;
    const { bytes, words } = this.copy;
    if (this.isFreed(words)) return null;
    for (let i = 0; i < length && start + i < layout.code.lineTable + 8; i++) {
      if (bytes[start + i] !== header[start + i] && this.isCompared(i >> 2)) return null;
    }
    return {
      addresses: [...plan.addresses.subarray(1, plan.count)],
      lengths: [...plan.lengths.subarray(1, plan.count)],
      totalLength: plan.totalLength - start,
      words: words.slice(start >> 2, plan.totalLength >> 2),
      compared,
    };
  }

  remember(code: number, identity: Identity): void {
    this.identities[code] = identity;
  }

  /**
   * Looks at known code objects again, by one system call.
   * @returns how many of them, from the first on, could be read; `same` says which of these are what they were
   */
  check(codes: readonly number[]): number {
    const { plan, identities, same } = this;
    plan.clear();
    for (const code of codes) {
      const identity = identities[code]!;
      for (let i = 0; i < identity.addresses.length; i++) plan.add(identity.addresses[i]!, identity.lengths[i]!);
    }
    const copied = this.read(plan);
    const { words } = this.copy;
    let offset = 0;
    for (let i = 0; i < codes.length; i++) {
      const identity = identities[codes[i]!]!;
      if (offset + identity.totalLength > copied) return i;
      same[i] = isSame(identity, words, offset >> 2);
      offset += identity.totalLength;
    }
    return codes.length;
  }

  private read(plan: SpanPlan): number {
    if (this.copy.bytes.length < plan.totalLength) this.copy = new CopyBuffer(2 * plan.totalLength);
    return this.memory.readSpans(plan, this.copy.bytes);
  }

  private isCompared(word: number): boolean {
    const { compared } = this;
    for (let i = 0; i < compared.length; i += 2) if (word >= compared[i]! && word < compared[i + 1]!) return true;
    return false;
  }

  /**
   * Whether the allocator has linked the memory into its list of free blocks: then there is a pointer, or nothing, where
   * references are counted.
   */
  private isFreed(words: Int32Array): boolean {
    const { object, major, minor } = this.layout;
    if (object.type !== 8 || (major === 3 && minor > 13)) return false;
    return words[1] !== 0 || words[0] === 0;
  }

  /**
   * Objects whose content tells code objects apart: where the pointer to one is, and from which of its bytes on the length and
   * the data follow.
   */
  private telling(): readonly { readonly at: number; readonly object: number; readonly data: number }[] {
    const { code, bytes, unicode, major, minor } = this.layout;
    if (major === 3 && minor > 11) return [];
    const name = 'qualifiedName' in code ? code.qualifiedName : code.name;
    const text =
      unicode.python2 === undefined ? { object: unicode.length, data: unicode.asciiData } : { object: bytes.length, data: bytes.data };
    return [
      { at: name, ...text },
      { at: code.fileName, ...text },
      { at: code.lineTable, object: bytes.length, data: bytes.data },
    ];
  }

  /** Bytes of an object's data that are compared; −1 when it can't be read. */
  private sizeOf(address: number, lengthAt: number): number {
    const field = Buffer.alloc(8);
    if (address < 4096 || !this.memory.read(address + lengthAt, field, 0, 8)) return -1;
    return Math.min(pointerAt(field, 0), contentLimit);
  }
}

function isSame({ words, compared }: Identity, now: Int32Array, offset: number): boolean {
  for (let i = 0; i < compared.length; i += 2) {
    const end = compared[i + 1]!;
    for (let word = compared[i]!; word < end; word++) if (words[word] !== now[offset + word]) return false;
  }
  return true;
}
