import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { CallKind, callKindMask, callOpcodesOf, Effect } from '../../../native/cpython/callOpcodes.ts';
import { type CallName, effectOf, findCallSites } from '../../../native/cpython/callSites.ts';
import { heapFrameLayout } from '../../../native/cpython/heapFrameLayouts.ts';
import { decodeLineNumbers } from '../../../native/cpython/lineNumbers.ts';
import { parseVersion } from '../../../native/cpython/version.ts';
import type { Interpreter } from '../../support/interpreters.ts';
import { legacy, title } from './legacy.ts';

const targets = path.join(import.meta.dirname, 'targets');

for (const interpreter of legacy) {
  describe(`Code of ${title(interpreter)}`, () => {
    it('has the lines that the interpreter itself reads from its tables', () => {
      const { code } = heapFrameLayout(parseVersion(interpreter.version)!)!;
      let codes = 0;
      let units = 0;
      for (const line of ask(interpreter, [path.join(targets, 'codeobjects.py'), '60'])
        .trim()
        .split('\n')) {
        const [file, name, firstLine, table, length, runs] = JSON.parse(line) as [
          string,
          string,
          number,
          string,
          number,
          [number, number][],
        ];
        const truth = runs.flatMap(([count, number]) => new Array<number>(count).fill(number));
        const lines = new Int32Array(length / code.instructionUnit);
        decodeLineNumbers(Buffer.from(table, 'hex'), firstLine, code.lineEncoding, code.instructionUnit, lines);
        assert.deepEqual([...lines], truth, `${name} in ${file}`);
        codes++;
        units += lines.length;
      }
      assert(codes > 1000 && units > 100_000, `${codes} code objects of ${units} units`);
    }).timeout(60_000);

    const opcodes = callOpcodesOf(interpreter.major, interpreter.minor)!;

    it('has the instructions that positions are judged by under the numbers we have', () => {
      const names = JSON.parse(ask(interpreter, ['-c', 'import opcode, json; print(json.dumps(opcode.opmap))'])) as Record<string, number>;
      const expected: readonly (readonly [RegExp, number])[] = [
        [/^CALL_(FUNCTION|METHOD)/, CallKind.Call],
        [/^(FOR_ITER|YIELD_FROM|UNPACK_(SEQUENCE|EX)|LIST_EXTEND|BUILD_TUPLE_UNPACK)$/, CallKind.Iterate],
        [/^((LOAD|STORE|DELETE)_ATTR|LOAD_METHOD)$/, CallKind.Attribute],
        [
          /^(BINARY|INPLACE|UNARY)_|^(COMPARE|CONTAINS)_OP$|^(STORE|DELETE)_SUBSCR$|^IMPORT_(NAME|FROM)$|^SETUP_(ASYNC_)?WITH$|^RAISE_VARARGS$|^GET_ITER$/,
          CallKind.Operator,
        ],
        [
          /^(LOAD_(FAST|CONST|GLOBAL|CLOSURE|DEREF)|STORE_(FAST|DEREF)|POP_TOP|ROT_|DUP_|RETURN_VALUE|NOP|JUMP_FORWARD|JUMP_ABSOLUTE|MAKE_FUNCTION|BUILD_(TUPLE|LIST|SLICE)$)/,
          CallKind.None,
        ],
      ];
      let known = 0;
      for (const [name, opcode] of Object.entries(names)) {
        const kind = expected.find(([pattern]) => pattern.test(name))?.[1];
        if (kind === undefined) continue;
        known++;
        assert.equal(opcodes.kinds[opcode]! & callKindMask, kind, `${name} (${opcode})`);
      }
      assert(known > 60, `${known} opcodes`);
      for (const [name, opcode] of Object.entries({
        compare: 'COMPARE_OP',
        yieldFrom: 'YIELD_FROM',
        extendedArgument: 'EXTENDED_ARG',
        jumpForward: 'JUMP_FORWARD',
      } as const)) {
        assert.equal(opcodes[name as 'compare'], names[opcode] ?? -1, name);
      }
    });

    it('makes the value stack grow and shrink as the interpreter says', function () {
      if (interpreter.major === 2) this.skip(); // dis.stack_effect is of 3.4
      const rows = JSON.parse(ask(interpreter, ['-c', stackEffects])) as [string, number, number, number][];
      let compared = 0;
      for (const [name, opcode, operand, truth] of rows) {
        if (opcodes.effects[opcode] === Effect.Stop) continue;
        // Without its parameter `jump` (3.8) it says the most of both ways.
        if (interpreter.minor < 8 && opcodes.conditionalJumps[opcode] === 1) continue;
        compared++;
        assert.equal(effectOf(opcode, operand, opcodes) + 0, truth, `${name} ${operand}`);
      }
      assert(compared > 150, `${compared} compared`);
    });

    it('calls by the names that its source has', () => {
      let functions = 0;
      let complete = 0;
      for (const line of ask(interpreter, [path.join(targets, 'callsites.py'), '60'])
        .trim()
        .split('\n')) {
        const [file, name, firstLine, code, names, locals, cells, truth] = JSON.parse(line) as [
          string,
          string,
          number,
          string,
          string[],
          string[],
          string[],
          (string | null)[],
        ];
        const { code: layout } = heapFrameLayout(parseVersion(interpreter.version)!)!;
        const found = findCallSites(Buffer.from(code, 'hex'), opcodes, layout.instructionUnit, layout.positionUnit);
        const text = (reference: CallName | null): string | null =>
          reference === null || reference === 'made' ? null : { names, locals, cells }[reference.source][reference.index]!;
        // An instruction takes several units, in 2.7 and with a prefix, and is met at each, with the same list.
        const calls = new Map(
          found.sites
            .filter(({ unit }) => (found.kinds[unit]! & callKindMask) === CallKind.Call)
            .map((site) => [site.passed, text(site.name)]),
        );
        const named = [...calls.values()].filter((one) => one !== null);
        const wanted = truth.filter((one) => one !== null);
        functions++;
        for (const one of named) assert(wanted.includes(one), `${one} in ${name}, ${file}:${firstLine}`);
        // The compiler of 3.9 and 3.10 has some parts twice.
        if (wanted.every((one) => count(named, one) >= count(wanted, one))) complete++;
      }
      assert(functions > 400, `${functions} functions`);
      assert.equal(complete, functions);
    }).timeout(60_000);
  });
}

function count<T>(items: readonly T[], item: T): number {
  return items.filter((one) => one === item).length;
}

const stackEffects = `
import dis, json, sys
rows = []
for name, number in dis.opmap.items():
    for operand in range(5) if number >= dis.HAVE_ARGUMENT else [None]:
        try:
            more = {'jump': False} if sys.version_info >= (3, 8) else {}
            rows.append([name, number, operand or 0, dis.stack_effect(number, operand, **more)])
        except ValueError:
            pass
print(json.dumps(rows))
`;

function ask(interpreter: Interpreter, args: readonly string[]): string {
  return execFileSync(interpreter.path, args, {
    encoding: 'utf8',
    env: { ...process.env, ...interpreter.environment },
    maxBuffer: 1 << 29,
  });
}
