import {
  type FrameColumns,
  type FunctionRecord,
  mapInstructionColumns,
  kernelFunction,
  nativeNotReadFunction,
  notReadFunction,
  startAndEndFunction,
} from '../../../profile/delta.ts';
import type { Location } from '../../cpython/locations.ts';
import { grown } from './grown.ts';

/** Of a frame of which no expression is known. */
export const noExpression = 0;

/** An instruction of a function, as it was when it was sampled. */
export interface SampledInstruction {
  /** '' where it is not known. */
  readonly opcode: string;
  /** Bytes from the start of the bytecode. */
  readonly offset: number;
  readonly line: number;
  /** Null where it has none of its own. */
  readonly location: Location | null;
}

/** What is new in the table, as a delta has it. */
export interface NewFrames {
  readonly functions: FunctionRecord[];
  readonly opcodes: string[];
  readonly frames: FrameColumns;
}

/**
 * Functions and frames (function and line, or instruction) by number, shared by all processes of a session: the same
 * code in two processes, or decoded twice, is the same function.
 */
export class FrameTable {
  /** Whether frames are told apart by their instructions. */
  readonly tellsInstructions: boolean;
  private readonly functions = new Map<string, number>();
  private readonly frames = new Map<number | string, number>();
  private readonly opcodes = new Map<string, number>();
  /**
   * Of each frame: its function and line, and the frames that stand for all of that line, and of that function, −1 until they are
   * asked for.
   */
  private functionOf = new Int32Array(1024);
  private lineOf = new Int32Array(1024);
  private lineFrames = new Int32Array(1024).fill(-1);
  private functionFrames = new Int32Array(1024).fill(-1);
  /** Of each frame, a number for its line of its file, −1 until it is asked for. */
  private fileLines = new Int32Array(1024).fill(-1);
  private readonly fileLineNumbers = new Map<string, number>();
  /** Of each frame, a number for its expression of its file, `noExpression` where it has none, −1 until it is asked for. */
  private expressions = new Int32Array(1024).fill(-1);
  private readonly expressionNumbers = new Map<string, number>();
  /** Of each frame that has one, what its expression is told apart by, until a number was asked for. */
  private readonly places = new Map<number, string>();
  /** Of each function. */
  private readonly files: string[] = [];
  /** -1: not used yet. */
  private notReadFrame = -1;
  private startAndEndFrame = -1;
  private nativeNotReadFrame = -1;
  private kernelFrame = -1;
  private newFunctions: FunctionRecord[] = [];
  private newOpcodes: string[] = [];
  private newFrameFunctions: number[] = [];
  private newFrameLines: number[] = [];
  /** By frame, in the order of `instructionColumns`. */
  private newInstructions: number[][] = [];

  constructor(tellsInstructions = false) {
    this.tellsInstructions = tellsInstructions;
  }

  functionId(name: string, file: string, firstLine: number): number {
    const key = `${firstLine}\0${name}\0${file}`;
    let id = this.functions.get(key);
    if (id === undefined) {
      id = this.functions.size;
      this.functions.set(key, id);
      this.newFunctions.push({ name, file, firstLine });
      this.files.push(file);
    }
    return id;
  }

  /** The frame of a native function. @param line in its file; 0: it is not known */
  nativeFrame({ name, file, library }: Pick<FunctionRecord, 'name' | 'file' | 'library'>, line: number): number {
    const key = `native\0${name}\0${file}\0${library ?? ''}`;
    let id = this.functions.get(key);
    if (id === undefined) {
      id = this.functions.size;
      this.functions.set(key, id);
      this.newFunctions.push({ name, file, firstLine: 0, kind: 'native', ...(library === undefined ? {} : { library }) });
      this.files.push(file);
    }
    return this.frame(id, line);
  }

  /** The frame that stands for native frames that could not be read. */
  nativeNotRead(): number {
    if (this.nativeNotReadFrame < 0) this.nativeNotReadFrame = this.nativeFrame(nativeNotReadFunction, 0);
    return this.nativeNotReadFrame;
  }

  /** The frame that stands for the system, in which a thread is. */
  kernel(): number {
    if (this.kernelFrame < 0) this.kernelFrame = this.nativeFrame(kernelFunction, 0);
    return this.kernelFrame;
  }

  frame(functionId: number, line: number): number {
    // Lines are int32, so no two pairs share a key below 2^53 for the first 4 million functions.
    return this.frameOf(functionId * 2 ** 31 + line, functionId, line, []);
  }

  /** For a table that tells instructions apart. */
  instructionFrame(functionId: number, { opcode, offset, line, location }: SampledInstruction): number {
    const { endLine, startColumn, endColumn } = location ?? { endLine: line, startColumn: 0, endColumn: 0 };
    const instruction = [this.opcodeId(opcode), offset, endLine, startColumn, endColumn];
    // Functions of one name, file and first line may have different code: another version of it, or two lambdas in one line.
    return this.frameOf(`${functionId} ${line} ${instruction.join(' ')}`, functionId, line, instruction);
  }

  /** The frame that stands for what could not be read. */
  notRead(): number {
    if (this.notReadFrame < 0) {
      const { name, file, firstLine } = notReadFunction;
      this.notReadFrame = this.frame(this.functionId(name, file, firstLine), 0);
    }
    return this.notReadFrame;
  }

  /** The frame that stands for Python's own start and end. */
  startAndEnd(): number {
    if (this.startAndEndFrame < 0) {
      const { name, file, firstLine } = startAndEndFunction;
      this.startAndEndFrame = this.frame(this.functionId(name, file, firstLine), 0);
    }
    return this.startAndEndFrame;
  }

  /** The frame without an instruction that has a frame's function and line: itself, unless instructions are told apart. */
  lineFrame(frame: number): number {
    const known = this.lineFrames[frame]!;
    if (known >= 0) return known;
    const found = this.frame(this.functionOf[frame]!, this.lineOf[frame]!);
    return (this.lineFrames[frame] = found);
  }

  /** The frame without a line that has a frame's function. */
  functionFrame(frame: number): number {
    const known = this.functionFrames[frame]!;
    if (known >= 0) return known;
    const found = this.frame(this.functionOf[frame]!, 0);
    return (this.functionFrames[frame] = found);
  }

  /** A number that all frames at the same line of a file have in common, whatever their functions. */
  fileLine(frame: number): number {
    const known = this.fileLines[frame]!;
    if (known >= 0) return known;
    const key = `${this.lineOf[frame]!} ${this.files[this.functionOf[frame]!]!}`;
    const found = this.fileLineNumbers.get(key) ?? this.fileLineNumbers.size;
    this.fileLineNumbers.set(key, found);
    return (this.fileLines[frame] = found);
  }

  /**
   * A number that all frames at the same expression of a file have in common: of one line, opcode and columns, whatever their functions
   * and offsets. `noExpression` where neither opcode nor columns are known.
   */
  expression(frame: number): number {
    const known = this.expressions[frame]!;
    if (known >= 0) return known;
    const place = this.places.get(frame);
    if (place === undefined) return (this.expressions[frame] = noExpression);
    const key = `${this.fileLine(frame)} ${place}`;
    const found = this.expressionNumbers.get(key) ?? this.expressionNumbers.size + 1;
    this.expressionNumbers.set(key, found);
    this.places.delete(frame);
    return (this.expressions[frame] = found);
  }

  private frameOf(key: number | string, functionId: number, line: number, instruction: number[]): number {
    let frame = this.frames.get(key);
    if (frame === undefined) {
      frame = this.frames.size;
      this.frames.set(key, frame);
      if (frame === this.functionOf.length) this.grow();
      this.functionOf[frame] = functionId;
      this.lineOf[frame] = line;
      this.newFrameFunctions.push(functionId);
      this.newFrameLines.push(line);
      if (this.tellsInstructions) this.newInstructions.push(instruction);
      const [opcode = 0, , endLine = 0, startColumn = 0, endColumn = 0] = instruction;
      if (opcode !== 0 || startColumn !== 0) this.places.set(frame, [opcode, endLine, startColumn, endColumn].join(' '));
    }
    return frame;
  }

  private grow(): void {
    const { length } = this.functionOf;
    this.functionOf = grown(this.functionOf, new Int32Array(2 * length));
    this.lineOf = grown(this.lineOf, new Int32Array(2 * length));
    this.lineFrames = grown(this.lineFrames, new Int32Array(2 * length).fill(-1));
    this.functionFrames = grown(this.functionFrames, new Int32Array(2 * length).fill(-1));
    this.fileLines = grown(this.fileLines, new Int32Array(2 * length).fill(-1));
    this.expressions = grown(this.expressions, new Int32Array(2 * length).fill(-1));
  }

  private opcodeId(name: string): number {
    if (name === '') return 0;
    let id = this.opcodes.get(name);
    if (id === undefined) {
      id = this.opcodes.size + 1;
      this.opcodes.set(name, id);
      this.newOpcodes.push(name);
    }
    return id;
  }

  /** Functions, opcodes and frames found since the last call. */
  takeNew(): NewFrames {
    const frames = { functions: Uint32Array.from(this.newFrameFunctions), lines: Uint32Array.from(this.newFrameLines) };
    const rows = this.newInstructions;
    const instructions = mapInstructionColumns((_, i) => Uint32Array.from(rows, (row) => row[i] ?? 0));
    const taken = {
      functions: this.newFunctions,
      opcodes: this.newOpcodes,
      frames: this.tellsInstructions ? { ...frames, instructions } : frames,
    };
    this.newFunctions = [];
    this.newOpcodes = [];
    this.newFrameFunctions = [];
    this.newFrameLines = [];
    this.newInstructions = [];
    return taken;
  }
}
