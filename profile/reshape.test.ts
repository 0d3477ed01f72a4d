import assert from 'node:assert/strict';
import fc from 'fast-check';
import { runColumns, SampleFlag } from './delta.ts';
import { toCollapsed } from './formats/collapsed.ts';
import { Profile } from './profile.ts';
import { onlyWithGil, reshaped } from './reshape.ts';
import { anyDelta, anyProfile } from './testing/arbitrary.ts';
import { deltaOf, profileOf } from './testing/build.ts';
import { framesOf } from './testing/slow.ts';
import { StackWeights } from './weights.ts';

const { OnCpu, Ready, HoldsGil } = SampleFlag;

describe('a profile in another shape', () => {
  const profile = profileOf({
    files: { main: '/work/app.py', f: '/work/lib/f.py', g: '/work/lib/f.py' },
    processes: [
      { pid: 10, commandLine: ['python', 'app.py'] },
      { pid: 11, parent: 0, commandLine: ['python', '-c', 'x;y'] },
    ],
    threads: [
      { osThreadId: 10, name: 'MainThread' },
      { osThreadId: 12, name: '' },
      { osThreadId: 11, name: 'MainThread', process: 1 },
    ],
    runs: [
      { stack: 'main:1 f:2', count: 3 },
      { stack: 'main:1 f:3', count: 2, flags: Ready },
      { stack: 'main:1 g:9', thread: 1, count: 4, flags: 0 },
      { stack: 'main:5', thread: 2 },
      { stack: '', thread: 2, count: 7 },
    ],
  });

  it('leaves out threads that wait, and no others', () => {
    assert.equal(
      toCollapsed(reshaped(profile, { leavesOutIdle: true })),
      'main (/work/app.py:1);f (/work/lib/f.py:2) 3\nmain (/work/app.py:1);f (/work/lib/f.py:3) 2\nmain (/work/app.py:5) 1\n',
    );
  });

  it('has one frame for a function where lines go', () => {
    assert.deepEqual(
      toCollapsed(reshaped(profile, { lines: 'none' }))
        .trim()
        .split('\n'),
      ['main (/work/app.py) 1', 'main (/work/app.py);f (/work/lib/f.py) 5', 'main (/work/app.py);g (/work/lib/f.py) 4'],
    );
    const first = reshaped(profile, { lines: 'first', leavesOutIdle: true });
    const { firstLine } = profile.functions[1]!;
    assert.deepEqual(
      framesOf(first, 2).map(({ line }) => line),
      [profile.functions[0]!.firstLine, firstLine],
    );
    assert.equal(first.stackCount, 3);
  });

  it('has one function for what is called the same', () => {
    const same = profileOf({
      files: { a: '/x/a.py', b: '/y/a.py' },
      runs: [{ stack: 'a:1' }, { stack: 'b:1' }],
    });
    const renamed = reshaped(same, { fileName: () => 'a.py' });
    assert.equal(renamed.functions.length, 2); // their names differ
    const files = profileOf({ runs: [{ stack: 'a:1' }] });
    assert.equal(toCollapsed(reshaped(files, { fileName: (file) => file.slice(6) })), 'a (app.py:1) 1\n');
  });

  it('has frames for threads and processes below their stacks', () => {
    assert.deepEqual(
      toCollapsed(reshaped(profile, { threadFrames: true, processFrames: true }))
        .trim()
        .split('\n'),
      [
        'process 10:"python app.py";thread (10): MainThread;main (/work/app.py:1);f (/work/lib/f.py:2) 3',
        'process 10:"python app.py";thread (10): MainThread;main (/work/app.py:1);f (/work/lib/f.py:3) 2',
        'process 10:"python app.py";thread (12);main (/work/app.py:1);g (/work/lib/f.py:9) 4',
        'process 10:"python app.py";process 11:"python -c x,y";thread (11): MainThread;main (/work/app.py:5) 1',
      ],
    );
  });

  it('loses and gains no time', () => {
    fc.assert(
      fc.property(
        anyProfile,
        fc.constantFrom('current' as const, 'first' as const, 'none' as const),
        fc.boolean(),
        (any, lines, framed) => {
          const other = reshaped(any, { lines, threadFrames: framed, processFrames: framed });
          const [before, after] = [new StackWeights(any), new StackWeights(other)];
          assert.equal(after.totalTime, before.totalTime);
          assert.equal(after.totalSamples, before.totalSamples);
          assert.equal(other.cutSamples, any.cutSamples);
          assert.deepEqual(other.quality, any.quality);
          if (framed || lines !== 'current') return;
          // Each run has the stack it had, in names.
          for (let run = 0; run < any.runs.length; run++) {
            const names = (of: Profile, stack: number): string[] =>
              framesOf(of, stack).map(({ func, line, file }) => `${of.functions[func]!.name} ${file} ${line}`);
            assert.deepEqual(names(other, other.runs.stacks[run]!), names(any, any.runs.stacks[run]!));
          }
        },
      ),
    );
  });
});

describe('a delta with the GIL’s holders alone', () => {
  it('has their runs and no others', () => {
    const delta = onlyWithGil(
      deltaOf({
        runs: [
          { stack: 'a:1', flags: OnCpu | HoldsGil },
          { stack: 'a:2', flags: OnCpu },
          { stack: 'b:1', flags: HoldsGil, count: 5 },
        ],
      }),
    );
    assert.deepEqual([...delta.runs.counts], [1, 5]);
    assert.deepEqual([...delta.runs.flags], [OnCpu | HoldsGil, HoldsGil]);
    for (const name of runColumns) assert.equal(delta.runs[name].length, 2);
  });

  it('fits where the whole one would', () => {
    fc.assert(
      fc.property(anyDelta, (delta) => {
        const profile = new Profile();
        profile.append(onlyWithGil(delta));
        assert.ok(profile.runs.flags.subarray(0, profile.runs.length).every((flags) => (flags & HoldsGil) !== 0));
        assert.equal(profile.stackCount, delta.stacks.parents.length + 1);
      }),
    );
  });
});
