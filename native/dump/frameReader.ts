import { type DecodedCode, CodeTrait, decodeCode } from '../cpython/codeObject.ts';
import type { DataStackLayout, HeapFrameLayout, Layout } from '../cpython/layout.ts';
import { FrameOwner } from '../cpython/layout.ts';
import type { Opcodes } from '../cpython/opcodes.ts';
import { pointerAt, readPointer } from '../cpython/strings.ts';
import type { Memory } from '../memory/memory.ts';
import { isPlausible, TypeBook } from '../values/typeBook.ts';
import { FoundEvaluations } from '../unwind/evaluationList.ts';
import type { FrameRecord } from './dumpSnapshot.ts';

/** Deepest stack that is read whole: outer frames beyond are left out. */
const maxFrames = 20_000;
/** Bytes of a thread state at most (PyThreadState; 3.15's `_PyThreadStateImpl` has some 8 KB before its frame). */
const maxThreadState = 16 * 1024;

/** A frame where it lies in memory. */
export interface FoundFrame {
  /** Of the frame, or of the frame object (to 3.10). */
  readonly address: number;
  /** Of the code object. */
  readonly code: number;
  readonly decoded: DecodedCode;
  readonly record: Omit<FrameRecord, 'locals'>;
}

export interface FoundStack {
  /** Innermost first. */
  readonly frames: readonly FoundFrame[];
  readonly problem: string | null;
  /** Which of them C's evaluations are of, for merging with native frames. */
  readonly evaluations: FoundEvaluations;
}

/** Follows threads' frames as the interpreter itself would, in memory that stands still. */
export class DumpFrames {
  private readonly memory: Memory;
  private readonly layout: Layout;
  private readonly opcodes: Opcodes;
  private readonly types: TypeBook;
  private readonly codes = new Map<number, DecodedCode | null>();

  private readonly wantsEvaluations: boolean;

  /** @param wantsEvaluations whether evaluations are looked for that are not among the frames themselves (3.11) */
  constructor(memory: Memory, layout: Layout, opcodes: Opcodes, wantsEvaluations: boolean) {
    this.wantsEvaluations = wantsEvaluations;
    this.memory = memory;
    this.layout = layout;
    this.opcodes = opcodes;
    this.types = new TypeBook(memory, layout);
  }

  /** The stack of the thread whose state is at an address. */
  stack(threadState: number): FoundStack {
    const { layout } = this;
    return layout.frames === 'data-stack' ? this.dataStack(layout, threadState) : this.heap(layout, threadState);
  }

  private dataStack(layout: DataStackLayout, threadState: number): FoundStack {
    const { memory } = this;
    const { threadState: state, frame: at } = layout;
    // To 3.12, the current frame is in a structure on the C stack.
    const holder = state.cframe >= 0 ? readPointer(memory, threadState + state.cframe) : threadState;
    const pointer = Buffer.alloc(8);
    if (holder === 0 || !memory.read(holder + (state.cframe >= 0 ? layout.cframeCurrentFrame : state.currentFrame), pointer, 0, 8))
      return { frames: [], problem: 'its innermost frame could not be read', evaluations: new FoundEvaluations('local') };
    const frames: FoundFrame[] = [];
    const seen = new Set<number>();
    const bytes = Buffer.alloc(at.localsPlus);
    const evaluations = new FoundEvaluations('local');
    const structures = this.wantsEvaluations && layout.minor === 11 ? this.structures(layout, holder) : null;
    const ended = (problem: string | null): FoundStack => {
      if (structures !== null && structures.length > 0) evaluations.add(structures.pop()!.address, frames.length);
      return { frames, problem, evaluations };
    };
    for (let address = pointerAt(pointer, 0); address !== 0; address = pointerAt(bytes, at.previous)) {
      if (seen.size === maxFrames) return ended(`there are more than ${maxFrames} frames`);
      if (seen.has(address) || !isPlausible(address) || !memory.read(address, bytes, 0, bytes.length))
        return ended('outer frames could not be read');
      seen.add(address);
      if (structures !== null && structures.at(-2)?.frame === address) evaluations.add(structures.pop()!.address, frames.length);
      // Trampolines from C have no code of the program's. One of 3.15 is in the thread state, and stands for no call.
      if (bytes[at.owner]! > FrameOwner.FrameObject) {
        if (address < threadState || address >= threadState + maxThreadState) evaluations.add(address, frames.length);
        continue;
      }
      const tagged = pointerAt(bytes, at.code);
      const codeAddress = tagged - (tagged % 4);
      const code = this.code(codeAddress);
      if (code === null) return ended('the code of a frame could not be read');
      if ((code.traits & CodeTrait.Hidden) !== 0) continue;
      const start = this.instructionsOf(layout, bytes, codeAddress, code);
      const unit = Math.max(0, Math.floor((pointerAt(bytes, at.instruction) - start) / 2)); // before the first one it is −1
      if (unit >= code.lines.length) return ended('the position in a frame made no sense');
      const place = code.locations?.at(unit) ?? null;
      const expression =
        place === null || place.startColumn === 0
          ? null
          : { line: place.line, endLine: place.endLine, start: place.startColumn - 1, end: place.endColumn - 1 };
      const line = code.lines[unit]! || code.firstLine;
      frames.push({ address, code: codeAddress, decoded: code, record: { function: code.name, file: code.file, line, expression } });
    }
    return ended(null);
  }

  /** The evaluations' `_PyCFrame`s (3.11), the outermost first, each with the frame that it executes. */
  private structures(layout: DataStackLayout, innermost: number): { readonly address: number; readonly frame: number }[] {
    const found: { readonly address: number; readonly frame: number }[] = [];
    const bytes = Buffer.alloc(16);
    for (let address = innermost; isPlausible(address) && found.length < maxFrames;) {
      // current_frame, previous (Include/cpython/pystate.h)
      if (!this.memory.read(address + layout.cframeCurrentFrame, bytes, 0, 16)) break;
      found.push({ address, frame: pointerAt(bytes, 0) });
      address = pointerAt(bytes, 8);
    }
    return found.reverse();
  }

  /** Where the instructions begin that a frame executes: a thread may have a copy of its own of them (free-threaded 3.14+). */
  private instructionsOf(layout: DataStackLayout, frame: Buffer, code: number, decoded: DecodedCode): number {
    const { bytecodeCopy } = layout.frame;
    const { bytecodeCopies } = layout.code;
    if (bytecodeCopy === undefined || bytecodeCopies === undefined) return decoded.instructions;
    const index = frame.readInt32LE(bytecodeCopy);
    const copies = index > 0 && index < 1 << 20 ? readPointer(this.memory, code + bytecodeCopies) : 0;
    // _PyCodeArray: size, entries
    return (copies === 0 ? 0 : readPointer(this.memory, copies + 8 + 8 * index)) || decoded.instructions;
  }

  private heap(layout: HeapFrameLayout, threadState: number): FoundStack {
    const { memory } = this;
    const { frame: at } = layout;
    const frames: FoundFrame[] = [];
    const evaluations = new FoundEvaluations('pointer');
    const seen = new Set<number>();
    const bytes = Buffer.alloc(Math.max(at.line, at.lastInstruction, at.code, at.back) + 8);
    const pointer = Buffer.alloc(8);
    if (!memory.read(threadState + layout.threadState.frame, pointer, 0, 8))
      return { frames, problem: 'its innermost frame could not be read', evaluations };
    for (let address = pointerAt(pointer, 0); address !== 0; address = pointerAt(bytes, at.back)) {
      if (seen.size === maxFrames) return { frames, problem: `there are more than ${maxFrames} frames`, evaluations };
      if (seen.has(address) || !isPlausible(address) || !memory.read(address, bytes, 0, bytes.length))
        return { frames, problem: 'outer frames could not be read', evaluations };
      seen.add(address);
      const codeAddress = pointerAt(bytes, at.code);
      const code = this.code(codeAddress);
      if (code === null) return { frames, problem: 'the code of a frame could not be read', evaluations };
      const position = bytes.readInt32LE(at.lastInstruction);
      const unit = position < 0 ? -1 : Math.floor((position * layout.code.positionUnit) / layout.code.instructionUnit);
      if (unit >= code.lines.length) return { frames, problem: 'the position in a frame made no sense', evaluations };
      const isCompiled = (code.traits & CodeTrait.Compiled) !== 0;
      const line = isCompiled ? bytes.readInt32LE(at.line) : (unit < 0 ? 0 : code.lines[unit]!) || code.firstLine;
      frames.push({ address, code: codeAddress, decoded: code, record: { function: code.name, file: code.file, line, expression: null } });
      evaluations.add(address, frames.length);
    }
    return { frames, problem: null, evaluations };
  }

  private code(address: number): DecodedCode | null {
    if (!isPlausible(address)) return null;
    let code = this.codes.get(address);
    if (code === undefined) {
      const { memory, layout } = this;
      const header = new Uint8Array(layout.code.size);
      const isCode = this.types.of(address)?.name === 'code' && memory.read(address, header, 0, header.length);
      code = isCode ? decodeCode(memory, layout, this.opcodes, address, new DataView(header.buffer)) : null;
      this.codes.set(address, code);
    }
    return code;
  }
}
