/** What an instruction before 3.11 may do that another frame comes of, as far as its position in a frame tells. */
export const CallKind = {
  /** Nothing, but for destructors, signal handlers and tracing. */
  None: 0,
  /** Calls what lies on the value stack. */
  Call: 1,
  /** Resumes an iterator, which may be a generator. */
  Iterate: 2,
  /** Gets, sets or deletes an attribute, which may be a property. */
  Attribute: 3,
  /** Operators, imports, `with`, `raise`: what calls special methods. */
  Operator: 4,
} as const;

/** Bits of a unit's byte that hold its CallKind; the others hold 1 plus the index of its operator in `operators`, or 0. */
export const callKindMask = 7;
export const operatorShift = 3;

/**
 * Special methods that instructions call, without their underscores and the prefixes for reflected and
 * in-place ones: at most 30.
 */
export const operators = [
  'add', 'sub', 'mul', 'matmul', 'div', 'truediv', 'floordiv', 'mod', 'pow', 'lshift', 'rshift', 'and', 'or', 'xor',
  'getitem', 'setitem', 'delitem', 'iter', 'next', 'enter', 'exit', 'lt', 'le', 'eq', 'ne', 'gt', 'ge', 'contains',
] as const; // prettier-ignore
type Operator = (typeof operators)[number];

/** The operator of a special method: `__radd__` and `__iadd__` belong to the same as `__add__`. −1: none. */
export function operatorOf(name: string): number {
  const match = /^__([a-z]+)__$/.exec(name);
  if (!match) return -1;
  const known: readonly string[] = operators;
  const exact = known.indexOf(match[1]!);
  return exact >= 0 ? exact : /^[ri]/.test(match[1]!) ? known.indexOf(match[1]!.slice(1)) : -1;
}

/** How many values an instruction takes off the stack and puts on it, where its argument decides. */
export const Effect = {
  /** One for the argument's number of values: BUILD_TUPLE and the like. */
  Build: 100,
  /** One for twice that: BUILD_MAP of 3.5+. */
  BuildPairs: 101,
  /** BUILD_CONST_KEY_MAP */
  BuildKeyed: 102,
  BuildSlice: 103,
  FormatValue: 104,
  /** Of 3.6+. */
  MakeFunction: 105,
  /** Of 2.7: one for code and defaults. */
  MakeFunction27: 106,
  MakeClosure27: 107,
  /** DUP_TOPX */
  Duplicate: 108,
  /** See CallForm. */
  Call: 109,
  /** Unknown here, or more than an expression has: the search ends. */
  Stop: 127,
} as const;

/** What lies on the value stack for a call. */
export const CallForm = {
  /** Callable, then as many arguments as the instruction's argument says. */
  Positional: 1,
  /** CALL_METHOD: the callable and its `self`, or NULL and the callable; then arguments. */
  Method: 2,
  /** CALL_FUNCTION_KW of 3.6+: callable, arguments, tuple of names. */
  Keywords: 3,
  /** CALL_FUNCTION_EX: callable, tuple, and perhaps a dict. */
  Unpacked: 4,
  /** Of 2.7: callable, positional arguments (low byte), pairs of keyword arguments (high byte), plus 0, 1 or 2. */
  Pairs: 5,
  PairsAndOne: 6,
  PairsAndTwo: 7,
} as const;

/** Whose name an instruction puts on the stack. */
export const NameSource = { Names: 1, Locals: 2, Cells: 3 } as const;

/** The instructions of one version, as the search for call sites sees them; all arrays are indexed by opcode. */
export interface CallOpcodes {
  /** Per opcode: a CallKind. */
  readonly kinds: Uint8Array;
  /** Per opcode: 1 plus the index of its operator, or 0. */
  readonly operators: Uint8Array;
  /** COMPARE_OP, whose operator its argument chooses, and CONTAINS_OP */
  readonly compare: number;
  /** Per opcode: by how much the stack grows if no jump is taken, or an Effect. */
  readonly effects: Int8Array;
  readonly calls: Uint8Array;
  /** Per opcode: a NameSource, or 0. */
  readonly names: Uint8Array;
  /** Takes a value off and puts none on. */
  readonly pops: Uint8Array;
  /** MAKE_FUNCTION, MAKE_CLOSURE */
  readonly makes: Uint8Array;
  /** Turn a value into what is iterated over or awaited: GET_ITER, GET_YIELD_FROM_ITER, GET_AWAITABLE. */
  readonly iterators: Uint8Array;
  /** YIELD_FROM; −1 in 2.7 */
  readonly yieldFrom: number;
  /** Opcodes below have no argument (before 3.6). */
  readonly firstWithArgument: number;
  readonly extendedArgument: number;
  /** JUMP_FORWARD */
  readonly jumpForward: number;
  /** Conditional jumps with an absolute target. */
  readonly conditionalJumps: Uint8Array;
}

interface Rows {
  readonly kinds: readonly (readonly [kind: number, opcodes: readonly number[]])[];
  readonly effects: readonly (readonly [effect: number, opcodes: readonly number[]])[];
  readonly calls: readonly (readonly [form: number, opcode: number])[];
  readonly makes: readonly number[];
  readonly pops: readonly number[];
  readonly extendedArgument: number;
  readonly operators: readonly (readonly [Operator, readonly number[]])[];
}

const nameSources: readonly (readonly [number, readonly number[]])[] = [
  [NameSource.Names, [101, 116, 106, 160, 95, 96]],
  [NameSource.Locals, [124]],
  [NameSource.Cells, [136, 148]],
];
/** POP_JUMP_IF_FALSE, POP_JUMP_IF_TRUE, JUMP_IF_FALSE_OR_POP, JUMP_IF_TRUE_OR_POP: the same numbers in all versions. */
const conditionalJumps = [111, 112, 114, 115];
/* prettier-ignore */
const operatorRows: readonly (readonly [Operator, readonly number[]])[] = [
  ['add', [23, 55]], ['sub', [24, 56]], ['mul', [20, 57]], ['matmul', [16, 17]], ['truediv', [27, 29]], ['floordiv', [26, 28]],
  ['mod', [22, 59]], ['pow', [19, 67]], ['lshift', [62, 75]], ['rshift', [63, 76]], ['and', [64, 77]], ['or', [66, 79]], ['xor', [65, 78]],
  ['getitem', [25]], ['setitem', [60]], ['delitem', [61]], ['iter', [68]], ['next', [93]], ['enter', [143]],
];
/** By the argument of COMPARE_OP: `opcode.cmp_op`. */
const comparisons: readonly Operator[] = ['lt', 'le', 'eq', 'ne', 'gt', 'ge', 'contains', 'contains'];

/** The operator of a comparison, as CallOpcodes.operators has it. */
export function comparisonOperator(operand: number): number {
  const operator = comparisons[operand];
  return operator === undefined ? 0 : 1 + operators.indexOf(operator);
}

const binary = [19, 20, 22, 23, 24, 25, 26, 27, 62, 63, 64, 65, 66, 28, 29, 55, 56, 57, 59, 67, 75, 76, 77, 78, 79];
const stores = [1, 90, 97, 125, 137]; // POP_TOP, STORE_NAME, STORE_GLOBAL, STORE_FAST, STORE_DEREF

/* prettier-ignore */
const rows27: Rows = {
  kinds: [
    [CallKind.Call, [131, 140, 141, 142]],
    [CallKind.Iterate, [93, 92]],
    [CallKind.Attribute, [106, 95, 96]],
    [CallKind.Operator, [...binary, 21, 58, 10, 11, 12, 13, 15, 30, 31, 32, 33, 40, 41, 42, 43, 50, 51, 52, 53, 54, 60, 61, 68, 70, 71, 72, 73, 74, 81, 84, 85, 89, 94, 104, 107, 108, 109, 111, 112, 114, 115, 130, 143, 146, 147]],
  ],
  effects: [
    [-2, [33, 54, 89]],
    [-1, [...stores, ...binary, 21, 58, 107, 111, 112, 114, 115, 31, 32]],
    [0, [9, 10, 11, 12, 13, 15, 30, 68, 86, 106, 145]],
    [1, [4, 82, 100, 101, 105, 116, 124, 135, 136]],
    [Effect.Build, [102, 103, 104]], [Effect.BuildSlice, [133]], [Effect.Duplicate, [99]],
    [Effect.MakeFunction27, [132]], [Effect.MakeClosure27, [134]],
  ],
  calls: [[CallForm.Pairs, 131], [CallForm.PairsAndOne, 140], [CallForm.PairsAndOne, 141], [CallForm.PairsAndTwo, 142]],
  makes: [132, 134],
  pops: [...stores, 111, 112, 114, 115],
  extendedArgument: 145,
  operators: [['div', [21, 58]], ['exit', [81]]],
};

/* prettier-ignore */
const rows36: Rows = {
  kinds: [
    [CallKind.Call, [131, 141, 142, 161]],
    [CallKind.Iterate, [93, 92, 94, 72]],
    [CallKind.Attribute, [106, 95, 96, 160]],
    [CallKind.Operator, [...binary, 16, 17, 10, 11, 12, 15, 50, 51, 52, 60, 61, 68, 69, 70, 73, 81, 84, 104, 105, 107, 108, 109, 111, 112, 114, 115, 130, 143, 146, 147, 149, 150, 151, 153, 154, 155, 156, 157, 158]],
  ],
  effects: [
    [-1, [...stores, ...binary, 16, 17, 72, 107, 111, 112, 114, 115]],
    [0, [9, 10, 11, 12, 15, 68, 69, 73, 86, 106, 144]],
    [1, [4, 71, 100, 101, 116, 124, 135, 136, 148, 160]],
    [2, [5]],
    [Effect.Build, [102, 103, 104, 149, 150, 151, 153, 157, 158]], [Effect.BuildPairs, [105]], [Effect.BuildKeyed, [156]],
    [Effect.BuildSlice, [133]], [Effect.FormatValue, [155]], [Effect.MakeFunction, [132]],
  ],
  calls: [[CallForm.Positional, 131], [CallForm.Keywords, 141], [CallForm.Unpacked, 142], [CallForm.Method, 161]],
  makes: [132],
  pops: [...stores, 111, 112, 114, 115],
  extendedArgument: 144,
  operators: [['exit', [49, 81]], ['contains', [118]]],
};

/* prettier-ignore */
/** 3.9 and 3.10: IS_OP, CONTAINS_OP, LIST_TO_TUPLE, LOAD_ASSERTION_ERROR, LIST_EXTEND, SET_UPDATE, DICT_MERGE, DICT_UPDATE. */
const more39: Pick<Rows, 'kinds' | 'effects'> = {
  kinds: [[CallKind.Operator, [49, 117, 118, 121, 163, 164, 165]], [CallKind.Iterate, [162]], [CallKind.None, [150, 151, 153, 149, 158]]],
  effects: [[-1, [117, 118, 162, 163, 164, 165]], [0, [82]], [1, [74]], [Effect.Stop, [149, 150, 151, 153, 158]]],
};
/** To 3.8: BUILD_TUPLE_UNPACK, which is something else later. */
const more36: Pick<Rows, 'kinds' | 'effects'> = { kinds: [[CallKind.Iterate, [152]]], effects: [[Effect.Build, [152]]] };

/**
 * The opcodes of a version before 3.11; undefined for one of which we don't know them (3.3–3.5).
 * Source: `opcode.opmap` and `dis.stack_effect` of 3.6.15–3.10.13, `opcode.opmap` of 2.7.18 and opcode_stack_effect() in
 * its Python/compile.c.
 */
export function callOpcodesOf(major: number, minor: number): CallOpcodes | undefined {
  if (major === 2) return tableOf(rows27, [], 90);
  if (minor < 6 || minor > 10) return undefined;
  return tableOf(rows36, [minor >= 9 ? more39 : more36], 0);
}

function tableOf(rows: Rows, more: readonly Pick<Rows, 'kinds' | 'effects'>[], firstWithArgument: number): CallOpcodes {
  const table = {
    kinds: new Uint8Array(256),
    operators: new Uint8Array(256),
    compare: 107,
    effects: new Int8Array(256).fill(Effect.Stop),
    calls: new Uint8Array(256),
    names: new Uint8Array(256),
    pops: new Uint8Array(256),
    makes: new Uint8Array(256),
    iterators: new Uint8Array(256),
    yieldFrom: firstWithArgument === 0 ? 72 : -1,
    conditionalJumps: new Uint8Array(256),
    firstWithArgument,
    extendedArgument: rows.extendedArgument,
    jumpForward: 110,
  };
  for (const [operator, opcodes] of [...operatorRows, ...rows.operators])
    for (const opcode of opcodes) table.operators[opcode] = 1 + operators.indexOf(operator);
  for (const { kinds, effects } of [rows, ...more]) {
    for (const [kind, opcodes] of kinds) for (const opcode of opcodes) table.kinds[opcode] = kind;
    for (const [effect, opcodes] of effects) for (const opcode of opcodes) table.effects[opcode] = effect;
  }
  for (const [form, opcode] of rows.calls) {
    table.calls[opcode] = form;
    table.effects[opcode] = Effect.Call;
  }
  for (const [source, opcodes] of nameSources) for (const opcode of opcodes) table.names[opcode] = source;
  for (const opcode of rows.pops) table.pops[opcode] = 1;
  for (const opcode of rows.makes) table.makes[opcode] = 1;
  for (const opcode of firstWithArgument === 0 ? [68, 69, 73] : [68]) table.iterators[opcode] = 1;
  for (const opcode of conditionalJumps) table.conditionalJumps[opcode] = 1;
  return table;
}
