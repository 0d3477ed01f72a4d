import type { Architecture } from './architecture.ts';
import { noRule } from './callFrameInfo.ts';
import { evaluate, type Machine } from './expression.ts';
import type { Modules } from './modules.ts';
import { cfaIsExpression, RuleFlag, RuleKind, type RuleTable, RuleWord } from './rules.ts';
import type { StackCopy } from './stackCopy.ts';

/** Frames that are unwound at most. */
const maxFrames = 4096;
/** Rules that are remembered by address; two thirds of them are filled. A power of two. */
const cacheSize = 1 << 14;
const cacheShift = 32 - 14;
const empty = -2;
/** Lowest address that code is at: the page at 0 is mapped nowhere. */
const lowestCode = 4096;
/** Bytes of a stack that are searched for a return address, and candidates that are tried. */
const maxScan = 64 * 1024;
const maxTries = 64;
/** Bytes of a hand-written kernel at most. */
const maxKernel = 64 * 1024;
/** Bytes of a stack that are searched for a frame that a frame pointer would lead to. */
const maxGuess = 4096;
/** Bytes of generated code that are looked at. */
const epilogueSize = 40;
const maxTrampolines = 4096;

/** Why a stack ends. */
export const StackEnd = {
  /** It is whole. */
  Root: 0,
  /** It goes on beyond the copy: it is larger, or on another stack. */
  CopyEnds: 1,
  /** Code without call frame information, from which no way out was found. */
  NoInformation: 2,
  /** A register that is needed is not known. */
  Unknown: 3,
  /** What was found makes no sense. */
  Broken: 4,
  TooDeep: 5,
} as const;
export type StackEnd = (typeof StackEnd)[keyof typeof StackEnd];

/** What is looked at: a frame's address and stack pointer, where it ends and its caller stands; the address whose rule is looked up. */
const Now = { Address: 0, Pointer: 1, FrameEnd: 2, Caller: 3, Look: 4 } as const;

/** How the frame after one was found. */
export const FoundBy = { Rule: 0, FramePointer: 1, Scan: 2, Trampoline: 3 } as const;

/**
 * Finds a thread's frames from a copy of its registers and stack. What it finds is in typed arrays that are used again: no object is made for a
 * stack once its code was met. Frames are numbered from the innermost one on.
 */
export class Unwinder implements Machine {
  /** Of each frame, where it stands. */
  readonly addresses = new Float64Array(maxFrames);
  /** Of each, its stack pointer, and where its caller's frame begins (NaN where that was not found): it lies between. */
  readonly stackPointers = new Float64Array(maxFrames);
  readonly frameEnds = new Float64Array(maxFrames);
  /** 1: it stands at this instruction; 0: behind the call before it. */
  readonly isExact = new Uint8Array(maxFrames);
  readonly foundBy = new Uint8Array(maxFrames);
  count = 0;
  end: StackEnd = StackEnd.Root;

  private readonly modules: Modules;
  private readonly rules: RuleTable;
  private readonly architecture: Architecture;
  private readonly savedCount: number;
  /** Of each frame, where in the copy its saved registers' values are; −1: they are not known. */
  private readonly savedAt: Int32Array;

  private readonly keys = new Float64Array(cacheSize);
  private readonly values = new Int32Array(cacheSize).fill(empty);
  private cached = 0;
  private readonly trampolines = new Map<number, ReturnType<Architecture['epilogue']>>();

  private copy!: StackCopy;
  /** Where in the copy each register's value is. */
  private readonly places: Int32Array;
  private readonly nextPlaces: Int32Array;
  private scratchKnown = false;
  /** By `Now`: a number that large would be allocated as an argument, a result, or a field. */
  private readonly now = new Float64Array(Object.keys(Now).length);

  constructor(modules: Modules, rules: RuleTable) {
    this.modules = modules;
    this.rules = rules;
    this.architecture = rules.architecture;
    this.savedCount = this.architecture.saved.length;
    this.savedAt = new Int32Array(maxFrames * this.savedCount);
    this.places = new Int32Array(this.architecture.registers);
    this.nextPlaces = new Int32Array(this.architecture.registers);
  }

  /** Finds all frames of a thread. @returns how many */
  unwind(copy: StackCopy): number {
    const { places, architecture } = this;
    this.copy = copy;
    for (let register = 0; register < places.length; register++)
      places[register] = (copy.known & (1 << register)) !== 0 ? 2 * register : -1;
    this.scratchKnown = true;
    this.count = 0;
    const address = this.register(architecture.returnAddress);
    const pointer = this.register(architecture.stackPointer);
    this.addresses[0] = address;
    this.stackPointers[0] = pointer;
    this.end = address >= lowestCode && pointer > 0 ? this.walk(0, true, true) : StackEnd.Unknown;
    return this.count;
  }

  /** What a register held in a frame that functions leave as it was; NaN: it is not known. @param index in `Architecture.saved` */
  savedRegister(frame: number, index: number): number {
    return this.copy.at(this.savedAt[frame * this.savedCount + index]!);
  }

  /** The eight bytes at an address on the stack; NaN when they are not in the copy. */
  word(address: number): number {
    return this.copy.at(this.copy.indexOf(address));
  }

  /** What a register holds in the frame that is looked at. */
  register(register: number): number {
    const { now } = this;
    if (now[Now.Address] !== 0) {
      if (register === this.architecture.stackPointer) return now[Now.Pointer]!;
      if (register === this.architecture.returnAddress) return now[Now.Address]!;
    }
    const place = this.places[register] ?? -1;
    return this.copy.at(place);
  }

  /**
   * Finds the frames from one on whose address and stack pointer are set. They are not arguments, as numbers that large would be allocated.
   * @param exact whether the thread stands at the address; else the address is where a call returns to
   * @param mayScan whether a way may be searched for where there is no information
   */
  private walk(first: number, exact: boolean, mayScan: boolean): StackEnd {
    const { addresses, stackPointers, frameEnds, isExact, foundBy, rules, now } = this;
    let address = addresses[first]!;
    let pointer = stackPointers[first]!;
    for (let n = first; ; n++) {
      if (n === maxFrames) return this.ended(StackEnd.TooDeep);
      addresses[n] = address;
      stackPointers[n] = pointer;
      frameEnds[n] = NaN;
      isExact[n] = exact ? 1 : 0;
      foundBy[n] = FoundBy.Rule;
      this.noteSaved(n);
      this.count = n + 1;
      now[Now.Address] = address;
      now[Now.Pointer] = pointer;
      now[Now.Look] = exact ? address : address - 1;
      const rule = this.rule();
      let next: number;
      if (rule >= 0) {
        const { words, stride } = rules;
        const flags = words[rule * stride + RuleWord.Flags]!;
        if ((flags & RuleFlag.Outermost) !== 0) return this.ended(StackEnd.Root);
        this.findFrameEnd(rule * stride, n);
        const frameEnd = now[Now.FrameEnd]!;
        if (Number.isNaN(frameEnd)) return this.ended(StackEnd.Unknown);
        if (exact ? frameEnd < pointer : frameEnd <= pointer) return this.ended(StackEnd.Broken);
        this.findCaller(rule * stride, exact);
        next = now[Now.Caller]!;
        if (Number.isNaN(next)) return this.ended(this.copy.indexOf(frameEnd - 8) < 0 ? StackEnd.CopyEnds : StackEnd.Unknown);
        frameEnds[n] = frameEnd;
        pointer = frameEnd;
        exact = (flags & RuleFlag.Signal) !== 0;
        // What a signal's handler returns to was called by nobody: it begins there (glibc's __restore_rt), though its rules begin before it.
        if (exact) isExact[n] = 1;
      } else {
        next = this.withoutRule(n, address, pointer, exact);
        if (Number.isNaN(next)) return mayScan ? this.scan(n) : this.ended(StackEnd.NoInformation);
        pointer = frameEnds[n]!;
        exact = false;
      }
      if (next < lowestCode) return this.ended(StackEnd.Root);
      address = next;
    }
  }

  private ended(end: StackEnd): StackEnd {
    this.now[Now.Address] = 0;
    return end;
  }

  private noteSaved(n: number): void {
    const { savedAt, savedCount, places, architecture } = this;
    for (let i = 0; i < savedCount; i++) savedAt[n * savedCount + i] = places[architecture.saved[i]!]!;
  }

  /** Finds the canonical frame address; NaN. */
  private findFrameEnd(base: number, n: number): void {
    const { now, places, copy } = this;
    const { words } = this.rules;
    const register = words[base + RuleWord.CfaRegister]!;
    const offset = words[base + RuleWord.CfaOffset]!;
    // Nearly all; what follows is not called for them, as its result would be allocated.
    if (register === this.architecture.stackPointer) now[Now.FrameEnd] = now[Now.Pointer]! + offset;
    else if (register >= 0 && places[register]! >= 0) now[Now.FrameEnd] = copy.at(places[register]!) + offset;
    else now[Now.FrameEnd] = this.frameEnd(base, n);
  }

  private frameEnd(base: number, n: number): number {
    const { words, expressions } = this.rules;
    const { framePointer, frame } = this.architecture;
    const register = words[base + RuleWord.CfaRegister]!;
    const offset = words[base + RuleWord.CfaOffset]!;
    if (register === cfaIsExpression) return evaluate(expressions[offset]!, this, NaN);
    const value = this.register(register) + offset;
    if (Number.isNaN(value) && register === framePointer && offset === frame.size) {
      this.foundBy[n] = FoundBy.FramePointer;
      return this.guessFrame();
    }
    return value;
  }

  /**
   * Where a frame ends that has a frame pointer which is not known, as of a thread that waits: at the first pair above the stack pointer
   * of a saved frame pointer, which leads outwards, and a return address.
   */
  private guessFrame(): number {
    const { copy, architecture } = this;
    const { frame } = architecture;
    const pointer = this.now[Now.Pointer]!;
    for (let at = pointer; at < pointer + maxGuess; at += 8) {
      const saved = this.word(at + frame.pointer);
      if (!(saved > at && copy.indexOf(saved) >= 0)) continue;
      if (this.isReturnAddress(this.word(at + frame.returnAddress))) return at + frame.size;
    }
    return NaN;
  }

  /** Goes to the caller's registers, and finds where it stands; NaN: that is not known. */
  private findCaller(base: number, exact: boolean): void {
    const { rules, places, nextPlaces, architecture, savedCount, now, copy } = this;
    const pointer = now[Now.Pointer]!;
    const frameEnd = now[Now.FrameEnd]!;
    const { words } = rules;
    const flags = words[base + RuleWord.Flags]!;
    const pairs = base + RuleWord.Pairs;
    const isSpecial = (flags & RuleFlag.Special) !== 0;
    const start = copy.offsetOf(frameEnd);
    const stack = copy.offsetOf(pointer);
    if (isSpecial) now[Now.Caller] = this.special(words[pairs]!, words[pairs + 1]!, frameEnd);
    else now[Now.Caller] = copy.at(copy.indexAt(start + words[pairs + 1]!));
    // All are found by what the registers were, so they change only when all were found.
    const extras = words[base + RuleWord.Extras]!;
    if (extras >= 0) this.findExtras(extras, frameEnd);
    for (let i = 0; i < savedCount; i++) {
      const register = architecture.saved[i]!;
      const kind = words[pairs + 2 * i + 2]!;
      const value = words[pairs + 2 * i + 3]!;
      if (kind === RuleKind.Same) nextPlaces[register] = places[register]!;
      else if (kind !== RuleKind.Offset) nextPlaces[register] = this.specialPlace(kind, value, frameEnd);
      // What lies below the stack pointer was just taken from the stack again: the register has it.
      else if (start + value >= stack) nextPlaces[register] = copy.indexAt(start + value);
      else nextPlaces[register] = exact ? places[register]! : -1;
    }
    for (let i = 0; i < savedCount; i++) places[architecture.saved[i]!] = nextPlaces[architecture.saved[i]!]!;
    if (extras >= 0) this.takeExtras(extras);
    else if (this.scratchKnown && (flags & RuleFlag.Signal) === 0) this.forgetScratch();
  }

  private findExtras(index: number, frameEnd: number): void {
    const extras = this.rules.extras[index]!;
    for (let i = 0; i < extras.length; i++) {
      const { register, kind, value } = extras[i]!;
      this.nextPlaces[register] = kind === RuleKind.Offset ? this.copy.indexOf(frameEnd + value) : this.specialPlace(kind, value, frameEnd);
    }
  }

  private takeExtras(index: number): void {
    const extras = this.rules.extras[index]!;
    for (let i = 0; i < extras.length; i++) this.places[extras[i]!.register] = this.nextPlaces[extras[i]!.register]!;
    this.scratchKnown = true;
  }

  /** Registers that functions need not preserve are not known in their callers. */
  private forgetScratch(): void {
    const { places, architecture } = this;
    for (let register = 0; register < places.length; register++) if (!architecture.saved.includes(register)) places[register] = -1;
    this.scratchKnown = false;
  }

  /** Where a register's value is; −1 where it is in no place. */
  private specialPlace(kind: number, value: number, frameEnd: number): number {
    switch (kind) {
      case RuleKind.Expression:
        return this.copy.indexOf(evaluate(this.rules.expressions[value]!, this, frameEnd));
      case RuleKind.Register:
        return this.places[value] ?? -1;
      default:
        return -1;
    }
  }

  private special(kind: number, value: number, frameEnd: number): number {
    switch (kind) {
      case RuleKind.Offset:
        return this.word(frameEnd + value);
      case RuleKind.Expression:
        return this.word(evaluate(this.rules.expressions[value]!, this, frameEnd));
      case RuleKind.Value:
        return evaluate(this.rules.expressions[value]!, this, frameEnd);
      case RuleKind.ValueOffset:
        return frameEnd + value;
      case RuleKind.Register:
        return this.register(value);
      default:
        return NaN;
    }
  }

  private ruleAt(address: number): number {
    this.now[Now.Look] = address;
    return this.rule();
  }

  /** The rule for the address that is looked up. */
  private rule(): number {
    const { keys, values, now } = this;
    const address = now[Now.Look]!;
    const low = address | 0;
    const high = (address / 2 ** 32) | 0;
    let slot = Math.imul(low ^ Math.imul(high, 31), 0x9e3779b1) >>> cacheShift;
    while (values[slot] !== empty) {
      if (keys[slot] === address) return values[slot]!;
      slot = (slot + 1) % cacheSize;
    }
    const rule = this.modules.rule(address);
    if (++this.cached > (cacheSize * 2) / 3) {
      values.fill(empty);
      this.cached = 0;
      return rule;
    }
    keys[slot] = address;
    values[slot] = rule;
    return rule;
  }

  /** Generated code, and code with a frame pointer. @returns where the caller stands; NaN: it is neither */
  private withoutRule(n: number, address: number, pointer: number, exact: boolean): number {
    const { places, copy, foundBy, frameEnds, architecture } = this;
    const { frame, framePointer, returnAddressOffset } = architecture;
    const trampoline = exact || this.modules.at(address) !== null ? null : this.trampoline(address);
    if (trampoline !== null) {
      frameEnds[n] = pointer + trampoline.size;
      foundBy[n] = FoundBy.Trampoline;
      if (trampoline.framePointer >= 0) places[framePointer] = copy.indexOf(pointer + trampoline.framePointer);
      return this.word(pointer + trampoline.size + returnAddressOffset);
    }
    const at = this.register(framePointer);
    if (!(at >= pointer)) return NaN;
    const caller = this.word(at + frame.returnAddress);
    if (!this.isReturnAddress(caller)) return NaN;
    frameEnds[n] = at + frame.size;
    foundBy[n] = FoundBy.FramePointer;
    places[framePointer] = copy.indexOf(at + frame.pointer);
    return caller;
  }

  private trampoline(address: number): ReturnType<Architecture['epilogue']> {
    let found = this.trampolines.get(address);
    if (found === undefined) {
      const code = this.modules.code(address, epilogueSize);
      found = code && this.architecture.epilogue(code);
      if (this.trampolines.size >= maxTrampolines) this.trampolines.clear();
      this.trampolines.set(address, found);
    }
    return found;
  }

  /**
   * Searches the stack for the way out of code without information (hand-written kernels): the first return address behind a call that may have led
   * there, in the same file, from where the rules lead to the end.
   */
  private scan(n: number): StackEnd {
    const { modules, foundBy, frameEnds, places, addresses, stackPointers } = this;
    const address = addresses[n]!;
    const pointer = stackPointers[n]!;
    if (n + 1 === maxFrames) return this.ended(StackEnd.TooDeep);
    const module = modules.at(address);
    if (module === null) return this.ended(StackEnd.NoInformation);
    const { copy } = this;
    const limit = Math.min(copy.base + copy.length, pointer + maxScan);
    let tries = 0;
    for (let at = pointer; at + 8 <= limit && tries < maxTries; at += 8) {
      const candidate = this.word(at);
      if (modules.at(candidate) !== module || this.ruleAt(candidate - 1) === noRule || !this.leadsTo(candidate, address)) continue;
      tries++;
      places.fill(-1);
      this.scratchKnown = false;
      addresses[n + 1] = candidate;
      stackPointers[n + 1] = at + 8;
      const end = this.walk(n + 1, false, false);
      if (end !== StackEnd.Root) continue;
      frameEnds[n] = at + 8;
      foundBy[n] = FoundBy.Scan;
      return end;
    }
    this.count = n + 1;
    return this.ended(StackEnd.NoInformation);
  }

  /** Whether what stands before a return address is a call that is indirect, or goes to code just before an address. */
  private leadsTo(returnAddress: number, address: number): boolean {
    const target = this.callBefore(returnAddress);
    if (target === null || target === 'indirect') return target !== null;
    // There are no bounds of a function without information; a kernel has some thousand bytes.
    return target <= address && address - target < maxKernel;
  }

  private isReturnAddress(address: number): boolean {
    const module = address >= lowestCode ? this.modules.at(address) : null;
    if (module === null || (module.callFrameInfo !== null && this.ruleAt(address - 1) === noRule)) return false;
    return this.callBefore(address) !== null;
  }

  private callBefore(address: number): number | 'indirect' | null {
    const { longestCall } = this.architecture;
    const code = this.modules.code(address - longestCall, longestCall);
    return code && this.architecture.callBefore(code, address);
  }
}
