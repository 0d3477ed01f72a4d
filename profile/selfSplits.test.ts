import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type FunctionRecord, kernelFunction, nativeNotReadFunction } from './delta.ts';
import { innermostSource } from './innermost.ts';
import { Profile } from './profile.ts';
import { reportOf } from './report.ts';
import { SelfSplits } from './selfSplits.ts';
import { deltaOf, profileOf, type ProfileInWords } from './testing/build.ts';
import { StackWeights } from './weights.ts';

/** Functions whose names begin with c_ are native; KERNEL and UNREAD stand for what they say. */
function profileWith(runs: ProfileInWords['runs']): Profile {
  const delta = deltaOf({ runs });
  const named: Record<string, FunctionRecord> = { KERNEL: kernelFunction, UNREAD: nativeNotReadFunction };
  const profile = new Profile();
  profile.append({
    ...delta,
    functions: delta.functions.map((record) =>
      record.name.startsWith('c_')
        ? {
            name: record.name,
            file: record.name === 'c_hash' ? '/usr/lib/libpython3.13t.so.1.0' : '/usr/lib/libblas.so.3',
            firstLine: 0,
            kind: 'native',
          }
        : (named[record.name] ?? record),
    ),
  });
  return profile;
}

const runs = [
  { stack: 'main:3', count: 1 },
  { stack: 'main:3 c_sort:0', count: 2 },
  { stack: 'main:3 c_sort:0 c_copy:0', count: 3 },
  { stack: 'main:3 c_read:0 KERNEL:0', count: 4 },
  { stack: 'main:3 UNREAD:0', count: 5 },
  { stack: 'main:3 c_sort:0 key:7', count: 6 },
  { stack: 'main:3 c_sort:0 key:7 c_hash:0', count: 7 },
  { stack: 'c_alone:0', count: 8 },
];

describe('the split of own time', () => {
  it('tells Python, native code and the system apart, and which native functions', () => {
    const profile = profileWith(runs);
    const splits = SelfSplits.of(new StackWeights(profile))!;
    const name = (func: number): string => profile.functions[func]!.name;
    const split = (line: number): unknown => {
      const { functions, ...times } = splits.split((frame) => profile.frameLine(frame) === line, 2);
      return { ...times, functions: functions.map(({ func, time }) => [name(func), time]) };
    };
    assert.deepEqual(split(3), {
      all: 15_000,
      python: 1000,
      native: 5000,
      interpreter: 0,
      system: 4000,
      functions: [
        ['c_read', 4000],
        ['c_copy', 3000],
      ],
    });
    assert.deepEqual(split(7), { all: 13_000, python: 6000, native: 7000, interpreter: 7000, system: 0, functions: [['c_hash', 7000]] });
    assert.deepEqual(split(8), { all: 0, python: 0, native: 0, interpreter: 0, system: 0, functions: [] });
  });

  it('is told by instructions without native frames: one that calls, innermost, calls C', () => {
    const profile = profileOf({
      runs: [
        { stack: 'main:3@CALL_BUILTIN_O:1-4', count: 3 },
        { stack: 'main:3@INSTRUMENTED_CALL:1-4', count: 1 },
        { stack: 'main:3@CALL_INTRINSIC_1:1-4', count: 1 },
        { stack: 'main:3@BINARY_OP:1-4', count: 2 },
        { stack: 'main:3@CALL:1-4 key:7@LOAD_FAST:1-2', count: 5 },
      ],
    });
    assert.equal(innermostSource(profile), 'instructions');
    const splits = SelfSplits.of(new StackWeights(profile))!;
    const split = splits.split((frame) => profile.frameLine(frame) === 3, 5);
    assert.deepEqual(split, { all: 7000, python: 3000, native: 4000, interpreter: 0, system: 0, functions: [] });
  });

  it('is not told where nothing tells', () => {
    const profile = profileOf({ runs: [{ stack: 'main:3', count: 3 }] });
    assert.equal(SelfSplits.of(new StackWeights(profile)), undefined);
    const report = reportOf(profile, { top: 5, idle: false, gil: false }, () => null);
    assert.deepEqual([report.split, report.splitBy, report.lines[0]!.split], [null, null, null]);
  });

  it('is in reports, whose lines have native code’s time as their own', () => {
    const { lines, split, splitBy } = reportOf(profileWith(runs), { top: 5, idle: false, gil: false }, () => null);
    assert.equal(splitBy, 'native frames');
    assert.deepEqual(
      lines.map(({ line, self }) => [line, Math.round(36 * self)]),
      [
        [3, 15],
        [7, 13],
      ],
    );
    assert.deepEqual(lines[0]!.split, {
      python: 1 / 15,
      native: 5 / 15,
      interpreter: 0,
      system: 4 / 15,
      functions: [
        { name: 'c_read', file: '/usr/lib/libblas.so.3', share: 4 / 15 },
        { name: 'c_copy', file: '/usr/lib/libblas.so.3', share: 3 / 15 },
        { name: 'c_sort', file: '/usr/lib/libblas.so.3', share: 2 / 15 },
      ],
    });
    assert.equal(split!.native, 12 / 28);
  });
});
