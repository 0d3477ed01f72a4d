import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { decodeLocationTable } from '../../native/cpython/lineTable.ts';
import { InstructionKind, opcodesOf } from '../../native/cpython/opcodes.ts';
import { type Interpreter, since, title } from '../support/interpreters.ts';

const script = path.join(import.meta.dirname, 'targets', 'codeobjects.py');

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
        if (/^(RETURN_VALUE|RETURN_CONST|RETURN_GENERATOR|YIELD_VALUE)/.test(base)) expected.set(opcode, InstructionKind.Leaves);
        else if (/^(FOR_ITER|SEND)/.test(base) && interpreter.minor > 11) expected.set(opcode, InstructionKind.Iterates);
        else if (mayPush(interpreter.minor).test(name)) expected.set(opcode, InstructionKind.Other);
        else expected.set(opcode, InstructionKind.CallsNothing);
      }
      assert(expected.size > 150);
      for (const [name, opcode] of Object.entries(names)) if (opcode <= 255) assert.equal(kinds[opcode], expected.get(opcode), `${name} (${opcode})`);

      if (interpreter.minor > 12) return;
      const entries = JSON.parse(ask(interpreter, ['-c', cacheEntriesOf])) as Record<string, number>;
      for (const [name, opcode] of Object.entries(names)) if (opcode <= 255) assert.equal(cacheEntries[opcode], entries[name] ?? 0, `cache of ${name} (${opcode})`);
    }).timeout(20_000);
  });
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
    plain = opcode.opmap.get(base)
    if plain is not None and plain < len(opcode._inline_cache_entries):
        entries[name] = opcode._inline_cache_entries[plain]
print(json.dumps(entries))
`;

function ask(interpreter: Interpreter, args: readonly string[]): string {
  return execFileSync(interpreter.path, args, { encoding: 'utf8', env: { ...process.env, ...interpreter.environment }, maxBuffer: 1 << 29 });
}
