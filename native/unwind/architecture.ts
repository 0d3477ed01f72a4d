/**
 * What unwinding has to know of a processor. Registers are those of DWARF on it. A file for each processor; which is chosen by what
 * the binary that a process executes is for.
 */
export interface Architecture {
  /** Registers with rules, the return address's included. */
  readonly registers: number;
  readonly stackPointer: number;
  readonly framePointer: number;
  /** The column in which call frame information has the return address; in a ThreadContext the instruction pointer. */
  readonly returnAddress: number;
  /** Registers that a function leaves as they were (the return address not among them). */
  readonly saved: readonly number[];
  /** Bytes below the stack pointer that a function may use. */
  readonly redZone: number;
  /** From the canonical frame address: where it is, unless the information says otherwise. */
  readonly returnAddressOffset: number;
  /** From the frame pointer, in code that has one: where its caller's frame pointer and the return address are, and where the caller's frame begins. */
  readonly frame: { readonly pointer: number; readonly returnAddress: number; readonly size: number };
  /** Bytes before a return address that `callBefore` needs. */
  readonly longestCall: number;
  /** Whether the last of these bytes are a call: its target, or 'indirect'; null: they are none. @param end address behind them */
  callBefore(code: Buffer, end: number): number | 'indirect' | null;
  /**
   * What a function without call frame information does to the stack from an instruction on until it returns, if that is simple
   * (generated trampolines); null where it is not.
   * @returns bytes up to the caller's frame, and where among them the caller's frame pointer is, −1: it is untouched
   */
  epilogue(code: Buffer): { readonly size: number; readonly framePointer: number } | null;
  /** Where jumps lead to that bytes of code may hold, and more: any byte may be taken for an instruction. */
  jumpTargets(code: Buffer, address: number): number[];
}
