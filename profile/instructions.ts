import { type FrameColumns, type InstructionColumns, instructionColumns, mapInstructionColumns } from './delta.ts';
import { UintColumn } from './uintColumn.ts';

/** Where a frame is within its function, to the instruction. */
export interface Instruction {
  /** Name of its opcode; '' where it is not known. */
  readonly opcode: string;
  /** Bytes from the start of the code object's bytecode. */
  readonly offset: number;
  /** What follows is as InstructionColumns has it: 1-based, columns in bytes of UTF-8, 0 where it is not known. */
  readonly endLine: number;
  readonly startColumn: number;
  readonly endColumn: number;
}

/** The instructions of a profile's frames, if any of them has one. Costs nothing where none has. */
export class InstructionTable {
  /** By number + 1. */
  readonly opcodes: string[] = [''];
  #columns: Record<keyof InstructionColumns, UintColumn> | undefined;
  #length = 0;

  /** Whether frames were told apart by their instructions, in some delta. */
  get isPresent(): boolean {
    return this.#columns !== undefined;
  }

  append(opcodes: readonly string[], { functions: { length }, instructions }: FrameColumns): void {
    for (const name of opcodes) this.opcodes.push(name);
    if (instructions !== undefined && this.#columns === undefined) {
      const none = new Uint32Array(this.#length);
      this.#columns = mapInstructionColumns(() => new UintColumn());
      for (const name of instructionColumns) this.#columns[name].append(none);
    }
    if (this.#columns !== undefined)
      for (const name of instructionColumns) this.#columns[name].append(instructions?.[name] ?? new Uint32Array(length));
    this.#length += length;
  }

  /** Undefined where a frame has none, or nothing is known of it. */
  of(frame: number): Instruction | undefined {
    const columns = this.#columns;
    if (columns === undefined) return undefined;
    const opcode = this.opcodes[columns.opcodes.data[frame]!]!;
    const startColumn = columns.startColumns.data[frame]!;
    if (opcode === '' && startColumn === 0) return undefined;
    return {
      opcode,
      offset: columns.offsets.data[frame]!,
      endLine: columns.endLines.data[frame]!,
      startColumn,
      endColumn: columns.endColumns.data[frame]!,
    };
  }

  /** For files: columns as long as there are frames; undefined where there is nothing to say. */
  get columns(): InstructionColumns | undefined {
    const columns = this.#columns;
    return columns === undefined ? undefined : mapInstructionColumns((name) => columns[name].data.subarray(0, this.#length));
  }
}
