/**
 * What the sampler must know of an instruction to tell whether the frame above it is alive
 * (docs/sampling.md): nothing else about bytecode matters here.
 */
export const InstructionKind = {
  Other: 0,
  /** Leaves the frame: return, yield, or turning it into a generator. */
  Leaves: 1,
  /** Resumes an iterator, which may be a generator whose frame lies on the heap. */
  Iterates: 2,
  /** Certainly pushes no frame: one at such an instruction can't be suspended in a Python call. */
  CallsNothing: 16,
  /** With `Leaves`: who watches the program, as debuggers do, is called before the frame is left. */
  Watched: 32,
} as const;

interface OpcodeTable {
  /** RETURN_VALUE, RETURN_CONST, RETURN_GENERATOR, YIELD_VALUE and their instrumented forms. */
  readonly leaves: readonly number[];
  /** FOR_ITER and SEND with their specialised and instrumented forms, where these run a generator inline. */
  readonly iterates: readonly number[];
  /**
   * What may push another frame without C between them: CALL and its like, BINARY_SUBSCR (3.14+: BINARY_OP), LOAD_ATTR (3.12+),
   * ENTER_EXECUTOR and EXIT_INIT_CHECK, at which the trampoline around `__init__` rests. Others don't, but for those from
   * `instrumented` on, which hide what they stand for.
   */
  readonly calls: readonly number[];
  readonly instrumented: number;
  /**
   * Inline cache entries behind an opcode: [entries, opcodes]. In 3.11 and 3.12 a frame's position (`prev_instr`) may be the last
   * of them instead of the instruction.
   */
  readonly caches: readonly (readonly [number, readonly number[]])[];
}

/** Opcodes from one to another, both among them. */
function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/* prettier-ignore */
/**
 * By minor version. Source: Include/opcode.h (3.11, 3.12), Include/opcode_ids.h (3.13+) and
 * `opcode._inline_cache_entries`, printed by the interpreters themselves.
 */
const tables: ReadonlyMap<number, OpcodeTable> = new Map<number, OpcodeTable>([
  [11, {
    leaves: [75, 83, 86],
    iterates: [], // FOR_ITER and SEND go through C: the frame is executing, not suspended
    calls: [...range(17, 25), 142, 171],
    instrumented: 255,
    caches: [
      [1, [3, 4, 5, 6, 7, 8, 13, 14, 16, 60, 64, 65, 66, 67, 72, 73, 76, 77, 78, 79, 80, 81, 92, 113, 121, 122, 127, 141, 143, 166, 168, 169, 170, 177, 178, 179, 180]],
      [2, [26, 27, 28, 29, 107]],
      [4, [17, 18, 19, 20, 21, 22, 23, 24, 25, 39, 40, 41, 42, 43, 95, 106, 153, 154, 158, 159, 171]],
      [5, [47, 48, 55, 116]],
      [10, [56, 57, 58, 59, 62, 63, 160]],
    ],
  }],
  [12, {
    leaves: [75, 83, 121, 150, 242, 243, 247],
    iterates: [62, 63, 64, 65, 93, 123, 168, 248],
    calls: [...range(19, 25), 28, 29, 34, ...range(38, 48), 56, 70, 72, 73, ...range(76, 82), 106, 142, 171],
    instrumented: 237,
    caches: [
      [1, [6, 7, 8, 10, 13, 14, 16, 18, 19, 20, 21, 22, 25, 57, 58, 59, 60, 62, 63, 64, 65, 66, 67, 92, 93, 107, 122, 123, 141, 159, 160, 161, 166, 167, 168, 237, 248]],
      [3, [23, 24, 28, 29, 34, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 56, 171, 241]],
      [4, [95, 111, 112, 113, 116, 148, 153]],
      [9, [70, 72, 73, 76, 77, 78, 79, 80, 81, 82, 106]],
    ],
  }],
  [13, {
    leaves: [35, 36, 103, 118, 239, 240, 241],
    iterates: [72, 104, 187, 188, 189, 190, 208, 243],
    calls: [5, 13, 53, 54, 57, 70, 82, ...range(157, 181), ...range(191, 202)],
    instrumented: 236,
    caches: [
      [1, [3, 5, 39, 45, 58, 59, 72, 77, 93, ...range(97, 100), 104, 117, ...range(150, 161), ...range(182, 190), 205, 206, 208, 212, 213, ...range(220, 222), 242, 243, ...range(249, 253)]],
      [3, [40, 53, ...range(162, 181), ...range(214, 219), 244]],
      [4, [91, 108, 203, 204, ...range(209, 211)]],
      [9, [82, ...range(191, 202)]],
    ],
  }],
  [14, {
    leaves: [34, 35, 120, 246, 247],
    iterates: [70, 106, 171, 172, 173, 174, 197, 237],
    calls: [3, 4, 11, 44, 52, 55, 80, ...range(129, 165), ...range(177, 189)],
    instrumented: 234,
    caches: [
      [1, [38, 56, 57, 70, 75, 96, ...range(100, 103), 106, 119, ...range(166, 176), 194, 195, 197, 201, 202, ...range(209, 211), 237, ...range(241, 244), 249, 253]],
      [3, [39, 52, 55, ...range(143, 165), ...range(203, 208), 250, 251]],
      [4, [92, 110, 192, 193, ...range(198, 200)]],
      [5, [3, 44, ...range(129, 142)]],
      [9, [80, ...range(177, 189)]],
    ],
  }],
  [15, {
    leaves: [32, 33, 119, 245, 246],
    iterates: [68, 105, 174, 175, 176, 177, 178, 202, 203, 204, 236],
    calls: [3, 4, 11, 42, 50, 53, 79, ...range(129, 168), ...range(183, 195)],
    instrumented: 233,
    caches: [
      [1, [4, 36, 54, 55, 68, 70, 74, 95, ...range(99, 102), 105, 118, 128, 151, 152, ...range(169, 182), ...range(198, 204), 208, 209, ...range(216, 218), 236, ...range(240, 244), 248, 251, 252]],
      [3, [37, 50, 53, ...range(144, 150), ...range(153, 168), ...range(210, 215), 249, 250]],
      [4, [91, 109, 196, 197, ...range(205, 207)]],
      [5, [3, 42, ...range(129, 143)]],
      [9, [79, ...range(183, 195)]],
    ],
  }],
]);

/** Per opcode: its kind, and how many inline cache entries follow it. */
export interface Opcodes {
  readonly kinds: Uint8Array;
  readonly cacheEntries: Uint8Array;
}

/** The opcodes of Python 3.`minor`; an unknown version gets a table in which every opcode is Other. */
export function opcodesOf(minor: number): Opcodes {
  const kinds = new Uint8Array(256);
  const cacheEntries = new Uint8Array(256);
  const table = tables.get(minor);
  if (table !== undefined) {
    kinds.fill(InstructionKind.CallsNothing, 0, table.instrumented);
    for (const opcode of table.calls) kinds[opcode] = InstructionKind.Other;
  }
  for (const opcode of table?.leaves ?? [])
    kinds[opcode] = InstructionKind.Leaves | (opcode >= table!.instrumented ? InstructionKind.Watched : 0);
  for (const opcode of table?.iterates ?? []) kinds[opcode] = InstructionKind.Iterates;
  for (const [entries, opcodes] of table?.caches ?? []) for (const opcode of opcodes) cacheEntries[opcode] = entries;
  return { kinds, cacheEntries };
}
