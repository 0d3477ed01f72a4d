import assert from 'node:assert/strict';
import fc from 'fast-check';
import { callTree } from './callTree.ts';
import { expressionTimes } from './expressions.ts';
import { functionTimes } from './functionTimes.ts';
import { callersOfLine, lineTimes } from './lines.ts';
import { anyDelta, anyProfile, profileFrom } from './testing/arbitrary.ts';
import { profileOf } from './testing/build.ts';
import { StackWeights } from './weights.ts';

const file = '/work/app.py';

describe('expressionTimes', () => {
  it('gives self and total by columns and opcode, recursion once, most total time first', () => {
    const weights = new StackWeights(
      profileOf({
        runs: [
          { stack: 'fib:8@CALL_PY_EXACT_ARGS:12-20 fib:8@CALL_PY_EXACT_ARGS:12-20 fib:8@BINARY_OP:5-30', count: 3 },
          { stack: 'fib:8@CALL_PY_EXACT_ARGS:12-20 other:9@CALL:1-2', count: 2 },
          { stack: 'fib:8@BINARY_OP_ADD_INT:5-30' },
          { stack: 'other:8@BINARY_OP_ADD_INT:5-30' },
          { stack: 'fib:8' },
        ],
      }),
    );
    const row = (opcode: string, startColumn: number, endColumn: number, self: number, total: number): unknown => ({
      opcode,
      line: 8,
      endLine: 8,
      startColumn,
      endColumn,
      self,
      total,
      samples: total / 1000,
    });
    const rows = [
      row('CALL_PY_EXACT_ARGS', 12, 20, 0, 5000),
      row('BINARY_OP', 5, 30, 3000, 3000),
      row('BINARY_OP_ADD_INT', 5, 30, 2000, 2000),
    ];
    assert.deepEqual(expressionTimes(weights, file, 8, 9), rows);
    assert.deepEqual(expressionTimes(weights, file, 8, 2), rows.slice(0, 2));
    assert.deepEqual(expressionTimes(weights, file, 7, 9), []);
    assert.deepEqual(expressionTimes(weights, 'lib.py', 8, 9), []);
  });

  it('gives none where the profile does not tell instructions', () => {
    assert.deepEqual(expressionTimes(new StackWeights(profileOf({ runs: [{ stack: 'f:1' }] })), file, 1, 9), []);
  });

  it('adds up to no more than its line, and in self times to what of it has an instruction', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const weights = new StackWeights(profile);
        for (const [name, lines] of lineTimes(weights)) {
          for (const { line, self, total } of lines) {
            const rows = expressionTimes(weights, name, line, Infinity);
            assert(rows.every((row) => row.line === line && row.self <= row.total && row.total <= total && row.samples > 0));
            const instructed = weights.time.reduce((sum, time, stack) => {
              const frame = profile.stackFrame(stack);
              const isIn = stack > 0 && profile.frameLine(frame) === line && profile.functions[profile.frameFunction(frame)]!.file === name;
              return isIn && profile.instructions.of(frame) !== undefined ? sum + time : sum;
            }, 0);
            assert.equal(
              rows.reduce((sum, row) => sum + row.self, 0),
              instructed,
            );
            assert(instructed <= self);
          }
        }
      }),
    );
  });
});

describe('queries on a profile that tells instructions apart', () => {
  it('answer as on one that does not', () => {
    fc.assert(
      fc.property(anyDelta, (delta) => {
        const { functions, lines } = delta.frames;
        // The same program by its lines: equal frames are one, and so are equal stacks, as the engine would have it.
        const plain = new StackWeights(profileFrom([{ ...delta, opcodes: [], frames: { functions, lines } }]));
        const told = new StackWeights(profileFrom([delta]));
        assert.deepEqual(lineTimes(told), lineTimes(plain));
        assert.deepEqual(functionTimes(told), functionTimes(plain));
        assert.deepEqual(callersOfLine(told, '/a.py', 1, 9), callersOfLine(plain, '/a.py', 1, 9));
        for (const by of ['function', 'line'] as const)
          for (const inverted of [false, true]) assert.deepEqual(callTree(told, { by, inverted }), callTree(plain, { by, inverted }));
      }),
    );
  });

  it('draw one box for a line, whatever was executed of it', () => {
    const told = callTree(
      new StackWeights(
        profileOf({
          runs: [{ stack: 'main:1@CALL:1-4 f:2' }, { stack: 'main:1@CALL:6-9 f:2@BINARY_OP:3-8' }, { stack: 'main:1@CALL:6-9' }],
        }),
      ),
      { by: 'line' },
    );
    assert.deepEqual([...told.line], [0, 1, 2]);
    assert.deepEqual([...told.total], [3000, 3000, 2000]);
  });
});
