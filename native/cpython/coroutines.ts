import type { Memory } from '../memory/memory.ts';
import { decodeCode, type DecodedCode } from './codeObject.ts';
import type { DataStackLayout, HeapFrameLayout, Layout } from './layout.ts';
import type { Opcodes } from './opcodes.ts';
import { pointerAt, readPointer } from './strings.ts';
import type { Types } from './types.ts';

/** Longest chain of coroutines that is followed, frames looked at in all, code objects kept, and values on a frame's stack. */
const limits = { chain: 1 << 14, frames: 1 << 20, codes: 1 << 16, slots: 1 << 20 };

/** A frame of Python code: where somebody is. */
export interface CodePlace {
  readonly function: string;
  readonly file: string;
  /** 0 for none. */
  readonly line: number;
}

/** A coroutine that stands still, and what it awaits. */
export interface CoroutineChain {
  /** Outermost first. */
  readonly places: CodePlace[];
  /** What the innermost one awaits that is no coroutine: an object's address, or 0. */
  awaited: number;
  /** Some frame executes at the moment. */
  isRunning: boolean;
  /** It could be followed to its end. */
  isComplete: boolean;
  /** Memory to be read again to find out whether it moved meanwhile. */
  readonly marks: Mark[];
}

/** What some words were when they were read. */
export interface Mark {
  readonly address: number;
  readonly bytes: Buffer;
}

/** What a frame says of itself. */
export interface FrameFacts {
  readonly place: CodePlace;
  /** The object it has delegated to (await, yield from), or 0. */
  readonly awaited: number;
  readonly isRunning: boolean;
  readonly isOver: boolean;
  readonly mark: Mark;
}

/** Objects that stand between a coroutine and what it awaits: name of the type, and where the pointer is behind PyObject. */
const between: ReadonlyMap<string, number> = new Map([
  ['async_generator_asend', 0],
  ['async_generator_athrow', 0],
  ['coroutine_wrapper', 0],
  ['anext_awaitable', 0],
]);
const generators = new Set(['coroutine', 'generator', 'async_generator']);

/** RESUME with RESUME_QUICK or INSTRUMENTED_RESUME; the argument says after what: 2 yield from, 3 await (Python/compile.c). */
const resumeOpcodes: Readonly<Record<number, readonly number[]>> = { 11: [150, 151], 12: [151, 240] };
/** To 3.10. */
const yieldFrom = 72;

/** `gi_frame_state` (pycore_frame.h). */
const frameStates: Readonly<
  Record<
    number,
    {
      readonly suspended: readonly number[];
      readonly delegating: readonly number[];
      readonly executing: number;
      readonly over: readonly number[];
    }
  >
> = {
  11: { suspended: [-1], delegating: [], executing: 0, over: [1, 4] },
  12: { suspended: [-1], delegating: [], executing: 0, over: [1, 4] },
  13: { suspended: [-2, -1], delegating: [-1], executing: 0, over: [1, 4] },
  14: { suspended: [-2, -1], delegating: [-1], executing: 0, over: [1, 4] },
  15: { suspended: [1, 2, 3], delegating: [2, 3], executing: 4, over: [5] },
};

/**
 * Reads coroutines, generators and asynchronous generators that are suspended, as `cr_frame` and `cr_await` would show
 * them. For looks at a process, not for sampling.
 */
export class CoroutineReader {
  private readonly memory: Memory;
  private readonly layout: Layout;
  private readonly opcodes: Opcodes;
  private readonly types: Types;
  private readonly codes = new Map<number, DecodedCode | null>();
  private frames = 0;

  constructor(memory: Memory, layout: Layout, opcodes: Opcodes, types: Types) {
    this.memory = memory;
    this.layout = layout;
    this.opcodes = opcodes;
    this.types = types;
  }

  /** The chain of coroutines from one on, each awaited by the one before. */
  chain(coroutine: number): CoroutineChain {
    const chain: CoroutineChain = { places: [], awaited: 0, isRunning: false, isComplete: false, marks: [] };
    const { layout, types } = this;
    const seen = new Set<number>();
    let object = coroutine;
    while (object !== 0 && seen.size < limits.chain && this.frames++ < limits.frames) {
      if (seen.has(object)) return chain; // a cycle: it changed while it was read
      seen.add(object);
      const type = types.nameOf(object);
      const isStatic = types.isStatic(object);
      const pointer = isStatic ? between.get(type) : undefined;
      if (pointer !== undefined) {
        object = readPointer(this.memory, object + layout.object.type + 8 + pointer);
        if (object === 0) return chain;
        continue;
      }
      if (!isStatic || !generators.has(type)) {
        chain.awaited = object;
        chain.isComplete = chain.places.length > 0 && type !== '';
        return chain;
      }
      const facts = this.generator(object);
      if (facts === null) return chain;
      chain.marks.push(facts.mark);
      if (facts.isOver) return chain;
      chain.places.push(facts.place);
      if (facts.isRunning) chain.isRunning = true;
      object = facts.awaited;
    }
    chain.isComplete = object === 0;
    return chain;
  }

  /** A generator or coroutine; null when it can't be read. */
  private generator(address: number): FrameFacts | null {
    return this.layout.frames === 'data-stack' ? this.embedded(this.layout, address) : this.separate(this.layout, address);
  }

  private embedded(layout: DataStackLayout, address: number): FrameFacts | null {
    const start = layout.generator.frame - 8; // with gi_frame_state, 5 bytes before the frame in all versions
    const frame = Buffer.alloc(8 + layout.frame.localsPlus);
    if (!this.memory.read(address + start, frame, 0, frame.length)) return null;
    const states = frameStates[layout.minor] ?? frameStates[15]!;
    const state = frame.readInt8(3);
    const facts = {
      isRunning: state === states.executing,
      isOver: states.over.includes(state),
      mark: { address: address + start, bytes: frame },
    };
    if (facts.isOver) return { ...facts, awaited: 0, place: { function: '', file: '', line: 0 } };
    const frameAddress = address + layout.generator.frame;
    const place = this.interpreterFrame(frame.subarray(8));
    if (place === null) return null;
    return {
      ...facts,
      place,
      awaited: this.isDelegating(layout, frame, state) ? this.stackTop(layout, frame.subarray(8), frameAddress) : 0,
    };
  }

  /**
   * The place of a frame as 3.11+ have them.
   * @param frame its first bytes, `layout.frame.localsPlus` of them
   * @returns null when it makes no sense
   */
  interpreterFrame(frame: Buffer): CodePlace | null {
    const { layout } = this;
    if (layout.frames !== 'data-stack') return null;
    const pointer = pointerAt(frame, layout.frame.code);
    const code = this.code(pointer - (pointer % 4)); // tagged in 3.14+
    if (code === null) return null;
    const instruction = pointerAt(frame, layout.frame.instruction);
    const unit = Math.max(0, Math.floor((instruction - code.instructions) / 2)); // prev_instr of one that has not begun is −1
    return unit < code.lines.length ? { function: code.name, file: code.file, line: code.lines[unit]! || code.firstLine } : null;
  }

  private isDelegating(layout: DataStackLayout, frame: Buffer, state: number): boolean {
    const states = frameStates[layout.minor] ?? frameStates[15]!;
    const opcodes = resumeOpcodes[layout.minor];
    if (opcodes === undefined) return states.delegating.includes(state);
    if (!states.suspended.includes(state)) return false;
    // As _PyGen_yf() has it: the next instruction is a RESUME after yield from or await.
    const next = Buffer.alloc(2);
    return (
      this.memory.read(pointerAt(frame, 8 + layout.frame.instruction) + 2, next, 0, 2) && opcodes.includes(next[0]!) && (next[1]! & 3) >= 2
    );
  }

  /** The object that a suspended frame awaits: on top of its value stack. */
  private stackTop(layout: DataStackLayout, frame: Buffer, address: number): number {
    let at: number;
    if (layout.frame.stackTop >= 0) {
      const depth = frame.readInt32LE(layout.frame.stackTop);
      if (depth < 1 || depth > limits.slots) return 0;
      at = address + layout.frame.localsPlus + 8 * (depth - 1);
    } else {
      at = pointerAt(frame, layout.frame.stackPointer) - 8 * layout.frame.iteratorDepth;
      if (at < address + layout.frame.localsPlus || at > address + 8 * limits.slots) return 0;
    }
    const value = readPointer(this.memory, at);
    return value - (value % 4); // tagged in 3.14+
  }

  /** To 3.10: the frame is an object of its own. */
  private separate(layout: HeapFrameLayout, address: number): FrameFacts | null {
    const pointer = Buffer.alloc(8);
    const at = address + layout.object.type + inGenerator.frame;
    if (!this.memory.read(at, pointer, 0, 8)) return null;
    const frame = pointerAt(pointer, 0);
    if (frame === 0)
      return {
        place: { function: '', file: '', line: 0 },
        awaited: 0,
        isRunning: false,
        isOver: true,
        mark: { address: at, bytes: pointer },
      };
    return this.frameObject(layout, frame);
  }

  /** A frame object of 3.8 to 3.10; null when it can't be read. */
  frameObject(layout: HeapFrameLayout, address: number): FrameFacts | null {
    const { frame: at } = layout;
    const start = layout.object.type;
    const bytes = Buffer.alloc(Math.max(at.state, at.lastInstruction, start + inFrame.depth) + 8);
    if (!this.memory.read(address, bytes, 0, bytes.length)) return null;
    const code = this.code(pointerAt(bytes, at.code));
    if (code === null) return null;
    const position = bytes.readInt32LE(at.lastInstruction);
    const unit = position < 0 ? 0 : Math.floor((position * layout.code.positionUnit) / layout.code.instructionUnit);
    if (unit >= code.lines.length) return null;
    const isRunning = at.stateStyle === 'state' ? bytes.readInt8(at.state) === 0 : bytes.readInt8(at.state) === 1;
    const facts = {
      place: { function: code.name, file: code.file, line: code.lines[unit]! || code.firstLine },
      isRunning,
      isOver: false,
      mark: { address: address + at.back, bytes: bytes.subarray(at.back) },
    };
    if (isRunning || position < 0) return { ...facts, awaited: 0 };
    // As _PyGen_yf() has it: the next instruction is YIELD_FROM.
    const next = Buffer.alloc(1);
    const instructions = readPointer(this.memory, pointerAt(bytes, at.code) + layout.code.instructions);
    const nextAt = instructions + layout.bytes.data + (unit + 1) * layout.code.instructionUnit;
    if (!this.memory.read(nextAt, next, 0, 1) || next[0] !== yieldFrom) return { ...facts, awaited: 0 };
    if (layout.minor < 10) return { ...facts, awaited: readPointer(this.memory, pointerAt(bytes, start + inFrame.top) - 8) };
    const depth = bytes.readInt32LE(start + inFrame.depth);
    return {
      ...facts,
      awaited: depth < 1 || depth > limits.slots ? 0 : readPointer(this.memory, pointerAt(bytes, start + inFrame.values) + 8 * (depth - 1)),
    };
  }

  /** Whether words are what they were when they were read. */
  isStill({ address, bytes }: Mark): boolean {
    const now = Buffer.alloc(bytes.length);
    return this.memory.read(address, now, 0, now.length) && now.equals(bytes);
  }

  private code(address: number): DecodedCode | null {
    if (address < 4096 || address >= 2 ** 47 || address % 8 !== 0) return null;
    let code = this.codes.get(address);
    if (code === undefined) {
      if (this.codes.size >= limits.codes) this.codes.clear();
      const { memory, layout } = this;
      const header = new Uint8Array(layout.code.size);
      const isCode = this.types.nameOf(address) === 'code' && memory.read(address, header, 0, header.length);
      code = isCode ? decodeCode(memory, layout, this.opcodes, address, new DataView(header.buffer)) : null;
      this.codes.set(address, code);
    }
    return code;
  }
}

/** `PyGenObject.gi_frame`, to 3.10, from `ob_type` on. */
const inGenerator = { frame: 8 };
/** `PyFrameObject` to 3.10: f_valuestack, f_stacktop (to 3.9), f_stackdepth (3.10), from `ob_type` on. */
const inFrame = { values: 56, top: 64, depth: 72 };
