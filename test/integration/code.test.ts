import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { findCalledNames } from '../../native/cpython/calledNames.ts';
import { decodeLocationTable } from '../../native/cpython/lineTable.ts';
import { Locations } from '../../native/cpython/locations.ts';
import { opcodeNames } from '../../native/cpython/opcodeNames.ts';
import { InstructionKind, opcodesOf } from '../../native/cpython/opcodes.ts';
import { type Interpreter, since, title } from '../support/interpreters.ts';

const script = path.join(import.meta.dirname, 'targets', 'codeobjects.py');
const namesScript = path.join(import.meta.dirname, 'targets', 'callednames.py');

/**
 * The part of calls by global names and of methods that must be found under their names, by minor version. Missed are calls that
 * the compiler wrote twice (3.12+: `raise error(a if b else c)`), and `any(x for …)` and its like, before which 3.14+ looks
 * whether they are built-in.
 */
const leastShare: Readonly<Record<number, number>> = { 11: 0.999, 12: 0.999, 13: 0.999, 14: 0.995, 15: 0.995 };
/** The same of what is iterated over or awaited, and of calls among arguments. */
const leastShareOfRest = 0.995;

/** A line of callednames.py: what a code object is, and what is true of its units. */
type CodeFacts = readonly [
  kind: 'compiled' | 'executed',
  file: string,
  name: string,
  bytecode: string,
  locationTable: string,
  firstLine: number,
  names: readonly string[],
  calls: readonly (readonly [unit: number, name: string | null, isWanted: boolean, takes: readonly string[], mayTake: readonly string[]])[],
  attributes: readonly (readonly [unit: number, name: string])[],
  iterating: readonly (readonly [unit: number, name: string | null, isWanted: boolean])[],
];

for (const interpreter of since(3, 11)) {
  describe(`Code of ${title(interpreter)}`, () => {
    it('has the lines that the interpreter itself reads from its tables', () => {
      let codes = 0;
      let units = 0;
      for (const line of ask(interpreter, [script, '60']).trim().split('\n')) {
        const [file, name, firstLine, table, truth] = JSON.parse(line) as [string, string, number, string, number[]];
        const lines = new Int32Array(truth.length);
        decodeLocationTable(Buffer.from(table, 'hex'), firstLine, lines);
        assert.deepEqual([...lines], truth, `${name} in ${file}`);
        codes++;
        units += truth.length;
      }
      assert(codes > 1000 && units > 100_000, `${codes} code objects of ${units} units`);
    }).timeout(60_000);

    it('has the instructions that the walk tells apart under the numbers we have', () => {
      const names = JSON.parse(ask(interpreter, ['-c', 'import dis, json; print(json.dumps(dis._all_opmap))'])) as Record<string, number>;
      const { kinds, cacheEntries } = opcodesOf(interpreter.minor);
      const expected = new Map<number, number>();
      for (const [name, opcode] of Object.entries(names)) {
        // Pseudo instructions have numbers above 255 and never reach memory.
        if (opcode > 255) continue;
        const base = name.replace(/^INSTRUMENTED_/, '');
        if (/^(RETURN_VALUE|RETURN_CONST|RETURN_GENERATOR|YIELD_VALUE)/.test(base))
          expected.set(opcode, InstructionKind.Leaves | (name === base ? 0 : InstructionKind.Watched));
        else if (/^(FOR_ITER|SEND)/.test(base) && interpreter.minor > 11) expected.set(opcode, InstructionKind.Iterates);
        else if (mayPush(interpreter.minor).test(name)) expected.set(opcode, InstructionKind.Other);
        else expected.set(opcode, InstructionKind.CallsNothing);
      }
      assert(expected.size > 150);
      for (const [name, opcode] of Object.entries(names))
        if (opcode <= 255) assert.equal(kinds[opcode], expected.get(opcode), `${name} (${opcode})`);

      const entries = JSON.parse(ask(interpreter, ['-c', cacheEntriesOf])) as Record<string, number>;
      assert(Object.keys(entries).length > 100);
      for (const [name, opcode] of Object.entries(names))
        if (opcode <= 255) assert.equal(cacheEntries[opcode], entries[name] ?? 0, `cache of ${name} (${opcode})`);
    }).timeout(20_000);

    it('calls under the names that its source has', () => {
      const { minor } = interpreter;
      const share = { calls: new Share(), iterating: new Share(), taken: new Share() };
      const codes = { compiled: 0, executed: 0 };
      let specialized = 0;
      for (const line of ask(interpreter, [namesScript, '60']).trim().split('\n')) {
        const facts = JSON.parse(line) as CodeFacts;
        codes[facts[0]]++;
        specialized += compareNames(facts, minor, share);
      }
      assert(codes.compiled > 3000 && codes.executed > 50, `${codes.compiled} compiled and ${codes.executed} executed code objects`);
      // Free-threaded interpreters specialise nothing (3.13), or copies of the bytecode that Python code can't see.
      assert(specialized > 200 || interpreter.freeThreaded, `${specialized} specialised calls`);
      share.calls.assertAtLeast(leastShare[minor]!, 10_000, 'calls');
      share.iterating.assertAtLeast(leastShareOfRest, 300, 'iterated or awaited calls');
      share.taken.assertAtLeast(leastShareOfRest, 1000, 'calls among arguments');
    }).timeout(60_000);
  });
}

/** How many there are, and how many of them were found. */
class Share {
  private all = 0;
  private found = 0;

  add(isFound: boolean): void {
    this.all++;
    if (isFound) this.found++;
  }

  assertAtLeast(part: number, leastCount: number, what: string): void {
    assert(this.all >= leastCount && this.found >= part * this.all, `${this.found} of ${this.all} ${what}`);
  }
}

/**
 * Compares the names found in a code object with the true ones: there must be no wrong one, and for each call one or none.
 * @param share counts those that should be found
 * @returns how many calls and attributes were specialised
 */
function compareNames(facts: CodeFacts, minor: number, share: Readonly<Record<'calls' | 'iterating' | 'taken', Share>>): number {
  const [kind, file, code, bytecodeHex, table, firstLine, names, calls, attributes, iterating] = facts;
  const bytecode = Buffer.from(bytecodeHex, 'hex');
  const units = bytecode.length / 2;
  const locations = new Locations(Buffer.from(table, 'hex'), firstLine, units);
  const found = new Map(findCalledNames(bytecode, locations, opcodesOf(minor), minor).map((one) => [one.unit, one]));
  const nameOf = (index: number): string | null => (index < 0 ? null : names[index]!);
  const at = (unit: number): string => `unit ${unit} of ${code} in ${file}, ${kind}`;
  let specialized = 0;
  const isSpecialized = (unit: number): boolean =>
    /^(CALL|LOAD_ATTR|LOAD_METHOD)_(?!KW$|FUNCTION_EX$)/.test(opcodeNames(minor)[bytecode[2 * unit]!]!);
  for (const [unit, name, isWanted, takes, mayTake] of calls) {
    const one = found.get(unit);
    assert(one !== undefined && !one.iterates, `no call at ${at(unit)}`);
    const foundName = nameOf(one.nameIndex);
    if (foundName !== null) assert.equal(foundName, name, at(unit));
    if (isSpecialized(unit)) specialized++;
    const taken = one.takes.map(nameOf);
    for (const other of taken) assert(other !== null && mayTake.includes(other), `${foundName} takes ${other}: ${at(unit)}`);
    if (!isWanted) continue;
    share.calls.add(foundName === name);
    // Of more only the last ones are kept.
    if (foundName === name && mayTake.length <= 16) for (const other of takes) share.taken.add(taken.includes(other));
  }
  for (const [unit, name] of attributes) {
    assert.equal(nameOf(found.get(unit)?.nameIndex ?? -1), name, `attribute at ${at(unit)}`);
    if (isSpecialized(unit)) specialized++;
  }
  for (const [unit, name, isWanted] of iterating) {
    const one = found.get(unit);
    assert(one?.iterates === true, `nothing is iterated over at ${at(unit)}`);
    const foundName = nameOf(one.nameIndex);
    if (foundName !== null) assert.equal(foundName, name, `iterated over at ${at(unit)}`);
    if (isWanted) share.iterating.add(foundName === name);
  }
  return specialized;
}

/** Instructions that push a frame without C, and those that hide what they stand for. */
function mayPush(minor: number): RegExp {
  if (minor === 11) return /^(CALL|BINARY_SUBSCR|DO_TRACING)/;
  return minor > 13
    ? /^(CALL(?!_INTRINSIC)|BINARY_OP|LOAD_ATTR|ENTER_EXECUTOR|EXIT_INIT_CHECK|INSTRUMENTED_|TRACE_RECORD)/
    : /^(CALL(?!_INTRINSIC)|BINARY_SUBSCR|LOAD_ATTR|ENTER_EXECUTOR|EXIT_INIT_CHECK|INSTRUMENTED_)/;
}

/** Inline cache entries by name; specialised forms have as many as what they specialise. */
const cacheEntriesOf = `
import dis, json, opcode
entries = {}
for name, number in dis._all_opmap.items():
    base = dis.deoptmap.get(name, name) if hasattr(dis, 'deoptmap') else name
    base = base.replace('INSTRUMENTED_', '')
    known = opcode._inline_cache_entries
    if not isinstance(known, list):
        # By names, those of opcodes with a cache alone (3.13+).
        entries[name] = known.get(base, 0)
    elif base in opcode.opmap and opcode.opmap[base] < len(known):
        entries[name] = known[opcode.opmap[base]]
print(json.dumps(entries))
`;

function ask(interpreter: Interpreter, args: readonly string[]): string {
  return execFileSync(interpreter.path, args, {
    encoding: 'utf8',
    env: { ...process.env, ...interpreter.environment },
    maxBuffer: 1 << 29,
  });
}
