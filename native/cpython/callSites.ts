import { CallForm, CallKind, type CallOpcodes, comparisonOperator, Effect, NameSource, operatorShift } from './callOpcodes.ts';

/** No larger operand makes sense. */
const maxOperand = 1 << 24;
/** Instructions looked back at for one call; a longer expression is left alone. */
const maxLookBack = 4096;

/** A name by its place in one of a code object's tuples of names. */
export interface NameReference {
  readonly source: 'names' | 'locals' | 'cells';
  readonly index: number;
}

/** A position in the bytecode from which something is called. */
export interface CallSite {
  /** Index of the unit. */
  readonly unit: number;
  /**
   * Under which name the callable was put on the value stack, or which attribute is used; where something is
   * iterated over or awaited, the name of the call it comes of; made: a function that was made right before, such as
   * that of a list comprehension; null: it has no name.
   */
  readonly name: CallName | null;
  /** Names in the call's arguments, and functions made there: what is passed may be called back. */
  readonly passed: readonly CallName[];
  /** Names of the calls whose results are its arguments, as they are: they may be generators. */
  readonly results: readonly CallName[];
}

export type CallName = NameReference | 'made';

export interface CallSites {
  /** Per unit: a CallKind and an operator (callKindMask). */
  readonly kinds: Uint8Array;
  readonly sites: readonly CallSite[];
}

interface Instruction {
  /** Where it begins, prefixes included. */
  readonly unit: number;
  readonly opcode: number;
  readonly operand: number;
}

/**
 * Finds in the bytecode of 2.7 or 3.6–3.10 where other frames may come from, and by which name the callable was
 * put on the value stack: the instruction after which only arguments were put on top of it.
 * @param unitSize bytes of the units that positions are counted by here: 2, or 1 in 2.7
 * @param jumpUnit bytes that the targets of jumps are counted by: 1, or 2 in 3.10
 */
export function findCallSites(code: Uint8Array, opcodes: CallOpcodes, unitSize: 1 | 2, jumpUnit: 1 | 2): CallSites {
  const instructions = decode(code, opcodes, unitSize);
  const kinds = new Uint8Array(Math.ceil(code.length / unitSize));
  const sites: CallSite[] = [];
  /** By index of the instruction: the name of what it calls. */
  const names = new Map<number, CallName>();
  const indexAt = new Map<number, number>();
  for (const [index, { unit }] of instructions.entries()) indexAt.set(unit, index);
  /** By index of the target: the last conditional jump forward to it. */
  const jumps = new Map<number, number>();
  /** Indices of the targets of forward jumps: the value on top there may come of one way or the other. */
  const joints = new Set<number>();
  for (const [index, { unit, opcode, operand }] of instructions.entries()) {
    const kind = opcodes.kinds[opcode]!;
    // f_lasti stays at the prefix while the instruction behind it runs.
    const end = instructions[index + 1]?.unit ?? kinds.length;
    const operator = opcode === opcodes.compare ? comparisonOperator(operand) : opcodes.operators[opcode]!;
    kinds.fill(kind | (operator << operatorShift), unit, end);
    if (opcodes.conditionalJumps[opcode] === 1) {
      const target = indexAt.get((operand * jumpUnit) / unitSize);
      if (target !== undefined && target > index) {
        jumps.set(target, index);
        joints.add(target);
      }
    } else if (opcode === opcodes.jumpForward) {
      const target = indexAt.get(end + (operand * jumpUnit) / unitSize);
      if (target !== undefined) joints.add(target);
    }
    if (kind !== CallKind.Call && kind !== CallKind.Attribute && kind !== CallKind.Iterate) continue;
    const values: number[] = [];
    const source = kind === CallKind.Call ? callable(instructions, index, opcodes, jumps, values) : index;
    const isOne = source >= 0 && !(kind === CallKind.Call && joints.has(source + 1)); // else: (one if condition else other)()
    let name = isOne ? nameOf(instructions[source]!, opcodes) : null;
    if (kind === CallKind.Iterate) name = names.get(iterated(instructions, index, opcodes)) ?? null;
    if (kind === CallKind.Call && name !== null) names.set(index, name);
    const passed: CallName[] = [];
    for (let at = source + 1; source >= 0 && at < index; at++) {
      const argument = nameOf(instructions[at]!, opcodes);
      if (argument !== null) passed.push(argument);
    }
    const results = source < 0 ? [] : values.map((value) => names.get(value) ?? null).filter((result) => result !== null);
    if (name !== null || passed.length > 0) for (let at = unit; at < end; at++) sites.push({ unit: at, name, passed, results });
  }
  return { kinds, sites };
}

/** Index of the instruction whose result a FOR_ITER that is met first, or a YIELD_FROM, gets its values from; −1: unclear. */
function iterated(instructions: readonly Instruction[], index: number, opcodes: CallOpcodes): number {
  let at = index - 1;
  // LOAD_CONST None, which is sent first
  if (instructions[index]!.opcode === opcodes.yieldFrom) at--;
  return opcodes.iterators[instructions[at]?.opcode ?? 0] === 1 ? at - 1 : -1;
}

function nameOf({ opcode, operand }: Instruction, opcodes: CallOpcodes): CallName | null {
  if (opcodes.makes[opcode] === 1) return 'made';
  switch (opcodes.names[opcode]) {
    case NameSource.Names:
      return { source: 'names', index: operand };
    case NameSource.Locals:
      return { source: 'locals', index: operand };
    case NameSource.Cells:
      return { source: 'cells', index: operand };
    default:
      return null;
  }
}

/**
 * Index of the instruction that put the callable of a call on the stack; −1 when that is not clear.
 * @param values gets the indices of those that put its arguments there
 */
function callable(
  instructions: readonly Instruction[],
  call: number,
  opcodes: CallOpcodes,
  jumps: ReadonlyMap<number, number>,
  values: number[],
): number {
  const { opcode, operand } = instructions[call]!;
  /** Values on top of the callable after the instruction that is looked at. */
  let above = argumentsOf(opcodes.calls[opcode]!, operand);
  let at = call;
  for (let steps = 0; steps < maxLookBack; steps++) {
    const previous = instructions[at - 1];
    if (previous === undefined) return -1;
    if (previous.opcode === opcodes.jumpForward) {
      // The end of a conditional expression's first half: the second one begins where its condition jumps to.
      const jump = jumps.get(at);
      if (jump === undefined) return -1;
      at = jump + 1;
    }
    const { opcode: code, operand: value } = instructions[at - 1]!;
    if (above === 0 && opcodes.pops[code] === 0) return at - 1;
    if (opcodes.pops[code] === 0) values[above - 1] ??= at - 1;
    const effect = effectOf(code, value, opcodes);
    if (effect === Effect.Stop) return -1;
    above -= effect;
    if (above < 0) return -1;
    at--;
  }
  return -1;
}

function argumentsOf(form: number, operand: number): number {
  const pairs = (operand & 255) + 2 * ((operand >> 8) & 255);
  switch (form) {
    case CallForm.Keywords:
      return operand + 1;
    case CallForm.Unpacked:
      return 1 + (operand & 1);
    case CallForm.Pairs:
      return pairs;
    case CallForm.PairsAndOne:
      return pairs + 1;
    case CallForm.PairsAndTwo:
      return pairs + 2;
    default:
      return operand;
  }
}

/** By how much an instruction makes the value stack grow when it does not jump; Effect.Stop: unknown here. */
export function effectOf(opcode: number, operand: number, opcodes: CallOpcodes): number {
  const effect = opcodes.effects[opcode]!;
  switch (effect) {
    case Effect.Build:
      return 1 - operand;
    case Effect.BuildPairs:
      return 1 - 2 * operand;
    case Effect.BuildKeyed:
    case Effect.MakeFunction27:
      return -operand;
    case Effect.MakeClosure27:
      return -operand - 1;
    case Effect.BuildSlice:
      return operand === 3 ? -2 : -1;
    case Effect.FormatValue:
      return (operand & 4) !== 0 ? -1 : 0;
    case Effect.MakeFunction:
      return -1 - (operand & 1) - ((operand >> 1) & 1) - ((operand >> 2) & 1) - ((operand >> 3) & 1);
    case Effect.Duplicate:
      return operand;
    case Effect.Call:
      return -argumentsOf(opcodes.calls[opcode]!, operand) - (opcodes.calls[opcode] === CallForm.Method ? 1 : 0);
    default:
      return effect;
  }
}

function decode(code: Uint8Array, { firstWithArgument, extendedArgument }: CallOpcodes, unitSize: 1 | 2): Instruction[] {
  const instructions: Instruction[] = [];
  let start = 0;
  let extension = 0;
  for (let at = 0; at < code.length;) {
    const opcode = code[at]!;
    let operand = 0;
    if (unitSize === 2) {
      operand = (extension << 8) | (code[at + 1] ?? 0);
      at += 2;
    } else if (opcode < firstWithArgument) {
      at += 1;
    } else {
      operand = (extension << 16) | (code[at + 1] ?? 0) | ((code[at + 2] ?? 0) << 8);
      at += 3;
    }
    if (operand < 0 || operand > maxOperand) operand = maxOperand;
    if (opcode === extendedArgument) {
      extension = operand;
      continue;
    }
    instructions.push({ unit: start / unitSize, opcode, operand });
    start = at;
    extension = 0;
  }
  return instructions;
}
