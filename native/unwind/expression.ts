import { DwarfError, DwarfReader } from '../binary/dwarfReader.ts';

/** What an expression may ask. */
export interface Machine {
  /** NaN when it is not known. */
  register(register: number): number;
  /** Eight bytes at an address; NaN when they can't be had. */
  word(address: number): number;
}

/** DW_OP_…, DWARF 5, 7.7.1: those that compilers and assemblers put in call frame information. */
const Op = {
  Deref: 0x06,
  Const1u: 0x08,
  Const1s: 0x09,
  Const2u: 0x0a,
  Const2s: 0x0b,
  Const4u: 0x0c,
  Const4s: 0x0d,
  Constu: 0x10,
  Consts: 0x11,
  And: 0x1a,
  Minus: 0x1c,
  Plus: 0x22,
  PlusUconst: 0x23,
  Shl: 0x24,
  Ge: 0x2a,
  Lit0: 0x30,
  Lit31: 0x4f,
  Breg0: 0x70,
  Breg31: 0x8f,
} as const;

const maxDepth = 64;
const stack = new Float64Array(maxDepth);

/**
 * Evaluates a DWARF expression. There are no jumps among what it knows, so it takes no longer than the expression is.
 * @param initial what is on the stack at first; NaN: nothing
 * @returns NaN where it asks for what is not known, or is none that we evaluate
 */
export function evaluate(expression: Buffer, machine: Machine, initial: number): number {
  try {
    return run(new DwarfReader(expression, 0), machine, initial);
  } catch (error) {
    if (error instanceof DwarfError) return NaN;
    throw error;
  }
}

function run(reader: DwarfReader, machine: Machine, initial: number): number {
  let depth = 0;
  const push = (value: number): void => {
    if (depth === maxDepth) throw new DwarfError('too deep');
    stack[depth++] = value;
  };
  const pop = (): number => (depth === 0 ? NaN : stack[--depth]!);
  if (!Number.isNaN(initial)) push(initial);
  while (reader.at < reader.end) {
    const op = reader.u8();
    if (op >= Op.Breg0 && op <= Op.Breg31) push(machine.register(op - Op.Breg0) + reader.sleb());
    else if (op >= Op.Lit0 && op <= Op.Lit31) push(op - Op.Lit0);
    else push(operate(op, reader, machine, pop));
  }
  return pop();
}

function operate(op: number, reader: DwarfReader, machine: Machine, pop: () => number): number {
  switch (op) {
    case Op.Deref:
      return machine.word(pop());
    case Op.Const1u:
      return reader.u8();
    case Op.Const1s:
      return reader.i8();
    case Op.Const2u:
      return reader.u16();
    case Op.Const2s:
      return reader.i16();
    case Op.Const4u:
      return reader.u32();
    case Op.Const4s:
      return reader.i32();
    case Op.Constu:
      return reader.uleb();
    case Op.Consts:
      return reader.sleb();
    case Op.PlusUconst:
      return pop() + reader.uleb();
    case Op.Plus:
      return pop() + pop();
    case Op.Minus: {
      const right = pop();
      return pop() - right;
    }
    case Op.And: {
      // Of masks that fit 32 bits: the lowest bits of an address (entries of .plt).
      const right = pop();
      const left = pop();
      return right >= 0 && right < 2 ** 32 ? ((left % 2 ** 32) & right) >>> 0 : NaN;
    }
    case Op.Shl: {
      const right = pop();
      return pop() * 2 ** right;
    }
    case Op.Ge: {
      const right = pop();
      return pop() >= right ? 1 : 0;
    }
    default:
      return NaN;
  }
}
