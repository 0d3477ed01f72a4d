import type { Location, Locations } from './locations.ts';
import { opcodeNames } from './opcodeNames.ts';
import type { Opcodes } from './opcodes.ts';

/** Where something is called, got as an attribute or iterated over. */
export interface NamedUnit {
  readonly unit: number;
  /** Of its name in `co_names`; −1: it has none. */
  readonly nameIndex: number;
  /** What the name's call returned is iterated over or awaited here; else it is called, or is an attribute that is got. */
  readonly iterates: boolean;
  /** Of a call: the names of calls among its arguments, whose results may be generators. */
  readonly takes: readonly number[];
}

/** What an opcode of 3.11+ is for those who look for names. */
const Role = {
  None: 0, Prefix: 1, Global: 2, Attribute: 3, SuperAttribute: 4, Name: 5, Method: 6, Call: 7, Iterate: 8, Getter: 9, Filler: 10, Packer: 11, Builder: 12, Disguise: 13,
} as const; // prettier-ignore

/* By the beginning of their names, so that specialised ones are with what they specialise; the first that fits. */
const roles: readonly (readonly [prefix: string, role: number])[] = [
  // Of what is passed by * and **, with the call's location; the callable stays where it is.
  ['LIST_EXTEND', Role.Packer],
  ['LIST_TO_TUPLE', Role.Packer],
  ['CALL_INTRINSIC', Role.Packer],
  ['DICT_MERGE', Role.Packer],
  ['CALL', Role.Call],
  ['LOAD_GLOBAL', Role.Global],
  ['LOAD_NAME', Role.Name],
  ['LOAD_ATTR', Role.Attribute],
  ['LOAD_METHOD', Role.Method],
  ['LOAD_SUPER_ATTR', Role.SuperAttribute],
  ['FOR_ITER', Role.Iterate],
  ['SEND', Role.Iterate],
  ['GET_ITER', Role.Getter],
  ['GET_YIELD_FROM_ITER', Role.Getter],
  ['GET_AWAITABLE', Role.Getter],
  ['EXTENDED_ARG', Role.Prefix],
  // What they stand in for is not known, nor how many inline caches follow.
  ['LINE', Role.Disguise],
  ['INSTRUCTION', Role.Disguise],
  ['ENTER_EXECUTOR', Role.Disguise],
  ['TRACE_RECORD', Role.Disguise],
  ['DO_TRACING', Role.Disguise],
  // Between a getter and what iterates, or (3.15) before the getter: a comprehension's list and the variables it saves, what is sent first.
  ['LOAD_FAST_AND_CLEAR', Role.Filler],
  ['SWAP', Role.Filler],
  ['BUILD_', Role.Builder],
  ['PUSH_NULL', Role.Filler],
  ['LOAD_CONST', Role.Filler],
  ['LOAD_COMMON_CONSTANT', Role.Filler],
  // Between a callable and its call, with its location.
  ['KW_NAMES', Role.Filler],
  ['PRECALL', Role.Filler],
];
const rolesOf = new Map<number, Uint8Array>();

/** No code object has as many names. */
const maxIndex = 1 << 20;
const none = -1;
/** Calls among the arguments of one call, the last ones. */
const maxTaken = 16;
const nothing: readonly number[] = [];

/**
 * Finds under which names functions are called in the bytecode of 3.11+. A call's callable was put on the value stack by the last
 * instruction before it whose source begins where the call's does (`compiler_call`, Python/compile.c: the location of a call is
 * that of its expression, which begins with the callable's), unless that is a call itself. So code without columns (`-X
 * no_debug_ranges`) has no names.
 * @param bytecode as the interpreter executes it (readBytecode)
 * @returns in the order of their units. Where instructions stand in for others (INSTRUMENTED_LINE), every unit may call something
 */
export function findCalledNames(bytecode: Uint8Array, locations: Locations, { cacheEntries }: Opcodes, minor: number): NamedUnit[] {
  const role = rolesIn(minor);
  const found: NamedUnit[] = [];
  const units = bytecode.length >> 1;
  /**
   * By where its source begins: index of the name that was put on the stack there last (`none` for a value without one), and how
   * much was found before.
   */
  const names = new Map<number, { readonly index: number; readonly before: number }>();
  /** What is iterated over if nothing but fillers follows: the name of the call. */
  let called = none;
  let iterated = none;
  let extension = 0;
  for (let unit = 0; unit < units; unit += 1 + cacheEntries[bytecode[2 * unit]!]!) {
    const opcode = bytecode[2 * unit]!;
    const is = role[opcode]!;
    const operand = (extension << 8) | bytecode[2 * unit + 1]!;
    if (is === Role.Prefix) {
      extension = operand & 0xffffff;
      continue;
    }
    extension = 0;
    if (is === Role.Disguise)
      return Array.from({ length: units }, (_, at) => ({ unit: at, nameIndex: none, iterates: false, takes: nothing }));
    if (is === Role.Builder && operand > 0) called = none; // [f()], and it is not what f returned that is iterated over
    if (is === Role.Filler || is === Role.Builder) continue;
    const last = called;
    called = none;
    if (is === Role.Getter) {
      iterated = last;
      continue;
    }
    if (is === Role.Iterate) {
      found.push({ unit, nameIndex: iterated, iterates: true, takes: nothing });
      iterated = none;
      continue;
    }
    iterated = none;
    if (is === Role.Packer) continue;
    const start = startOf(locations.at(unit));
    if (is === Role.None) {
      if (names.has(start)) names.set(start, { index: none, before: found.length }); // a[0](), whose callable is no `a`
      continue;
    }
    if (is === Role.Call) {
      const callable = start === 0 ? undefined : names.get(start);
      called = callable?.index ?? none;
      // Without a name it may be the exit of a `with` statement, before which its whole body lies.
      const takes = callable === undefined || called === none ? nothing : callsAmong(found, callable.before);
      names.set(start, { index: none, before: found.length });
      found.push({ unit, nameIndex: called, iterates: false, takes });
      continue;
    }
    const index = nameIndexOf(is, operand, minor);
    if (index > maxIndex) continue;
    names.set(start, { index, before: found.length + (is === Role.Attribute ? 1 : 0) });
    if (is === Role.Attribute) found.push({ unit, nameIndex: index, iterates: false, takes: nothing });
  }
  return found;
}

/** Names of the last calls of what was found, from a number on. */
function callsAmong(found: readonly NamedUnit[], from: number): readonly number[] {
  const names = found.slice(Math.max(from, found.length - maxTaken)).filter(({ nameIndex, iterates }) => nameIndex >= 0 && !iterates);
  return names.length === 0 ? nothing : names.map(({ nameIndex }) => nameIndex);
}

/** A number for where something begins; 0: not known. */
function startOf(location: Location | null): number {
  return location === null || location.startColumn === 0 ? 0 : location.line * 0x1_0000_0000 + location.startColumn;
}

/** Index in `co_names`, of which other bits are flags. */
function nameIndexOf(role: number, operand: number, minor: number): number {
  if (role === Role.Global) return operand >>> 1;
  if (role === Role.Attribute) return minor >= 12 ? operand >>> 1 : operand;
  return role === Role.SuperAttribute ? operand >>> 2 : operand;
}

function rolesIn(minor: number): Uint8Array {
  let table = rolesOf.get(minor);
  if (table !== undefined) return table;
  table = new Uint8Array(256);
  for (const [opcode, name] of opcodeNames(minor).entries()) {
    const plain = name.startsWith('INSTRUMENTED_') ? name.slice('INSTRUMENTED_'.length) : name;
    table[opcode] = roles.find(([prefix]) => plain.startsWith(prefix))?.[1] ?? Role.None;
  }
  rolesOf.set(minor, table);
  return table;
}
