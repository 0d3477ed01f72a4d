import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { profileOf as profileInWords } from '../testing/build.ts';
import { readSaved } from '../testing/readSaved.ts';
import { AnyReader } from './anyReader.ts';
import { formatNamed, formatOf } from './registry.ts';
import { profileOf } from './savedProfile.ts';
import { toCollapsed } from './collapsed.ts';

const bytes = (...parts: readonly (string | readonly number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));

const readAs = (id: string, ...parts: readonly (string | readonly number[])[]): string => {
  const reader = new AnyReader(formatNamed(id));
  reader.push(bytes(...parts));
  return toCollapsed(profileOf(reader.end()));
};

describe('marshal', () => {
  const int = (value: number): number[] => [0x69, value, 0, 0, 0];
  const key = (name: string): readonly (string | number[])[] => [
    ')\u0003',
    `z\u0001a`,
    int(1),
    `z${String.fromCharCode(name.length)}${name}`,
  ];
  const figures = (callers: readonly (string | number[])[]): readonly (string | number[])[] => [
    ')\u0005',
    int(1),
    int(1),
    int(2),
    int(2),
    ...callers,
  ];

  it('is a dict of functions', () => {
    assert.equal(readAs('pstats', '{', ...key('f'), ...figures(['{', '0']), '0'), 'f (a:1) 1\n');
  });

  it('is refused where it refers to what there is not, or to itself', () => {
    assert.throws(() => readAs('pstats', '{', 'r', [9, 0, 0, 0]), /referred to that there is not at byte 7/);
    assert.throws(() => readAs('pstats', [0xfb, 0xa9], '\u0001', 'r', [1, 0, 0, 0]), /referred to that there is not/);
    assert.throws(() => readAs('pstats', '{', 'R', [0, 0, 0, 0]), /a string is referred to/);
  });

  it('is refused with code, or deeper than profiles are', () => {
    assert.throws(() => readAs('pstats', '{', 'c'), /a kind that no profile has at byte 3/);
    assert.throws(() => readAs('pstats', '{', ')\u0001'.repeat(50)), /deeper than in any profile/);
    assert.throws(() => readAs('pstats', '{', '(', [0xff, 0xff, 0xff, 0x7f]), /cut off/);
    assert.throws(() => readAs('pstats', '{0x'), /something follows/);
  });

  it('is refused where a small file would be many callers', () => {
    // One dict of callers, which all functions have.
    const count = 3000;
    const name = (i: number): string => String(i).padStart(5, '0');
    const callers = Array.from({ length: count }, (_, i) => [...key(name(i)), int(1)]).flat();
    const functions = Array.from({ length: count }, (_, i) => [
      ...key(name(i)),
      ...(i === 0 ? [')\u0005', int(1), int(1), int(2), int(2), [0xfb], ...callers, '0'] : figures(['r', [0, 0, 0, 0]])),
    ]).flat();
    assert.throws(() => readAs('pstats', '{', ...functions, '0'), /more objects and values/);
  });
});

describe('call graphs', () => {
  /** What a profile is after it was pstats. */
  const through = (words: Parameters<typeof profileInWords>[0]): string[] => {
    const reader = new AnyReader();
    for (const piece of formatOf('pstats').write(profileInWords(words))) reader.push(Buffer.from(piece));
    const profile = profileOf(reader.end());
    const sums = new Map<string, number>();
    const { runs } = profile;
    for (let run = 0; run < runs.length; run++) {
      const names: string[] = [];
      for (let at = runs.stacks[run]!; at !== 0; at = profile.stackParent(at))
        names.unshift(profile.functions[profile.frameFunction(profile.stackFrame(at))]!.name);
      sums.set(names.join(' '), (sums.get(names.join(' ')) ?? 0) + Math.round(runs.durations[run]!));
    }
    return [...sums].map(([stack, time]) => `${stack} ${time}`).sort();
  };

  it('are their stacks where each function has one caller', () => {
    assert.deepEqual(through({ runs: [{ stack: 'main:1 f:1 g:1', count: 3 }, { stack: 'main:1 h:1' }, { stack: 'main:1', count: 2 }] }), [
      'main 2000',
      'main f g 3000',
      'main h 1000',
    ]);
  });

  it('split a function’s time among its callers by what their calls took', () => {
    // That h was called by g in calls of a only, is not in it.
    assert.deepEqual(through({ runs: [{ stack: 'a:1 g:1 h:1', count: 3 }, { stack: 'b:1 g:1' }] }), [
      'a g 750',
      'a g h 2250',
      'b g 250',
      'b g h 750',
    ]);
  });

  it('lose no time in circles', () => {
    const stacks = through({ runs: [{ stack: 'a:1 b:1 a:1 b:1', count: 3 }, { stack: 'b:1 a:1', count: 2 }, { stack: 'f:1 f:1 f:1' }] });
    assert.equal(
      stacks.reduce((sum, stack) => sum + Number(/\d+$/.exec(stack)![0]), 0),
      6000,
    );
    assert.ok(stacks.includes('f 1000'), String(stacks));
  });
});

describe('pickles', () => {
  it('call nothing, and have no objects but expected ones', () => {
    const system = ['\u0080\u0002', 'cos\nsystem\n', 'U\u0002id', '\u0085', 'R', '.'];
    assert.throws(() => readAs('lprof', ...system), /an object of a class that no profile needs \(os system\) at byte/);
    assert.throws(() => readAs('lprof', '\u0080\u0002', 'K\u0001', 'R'), /an operation that no profile needs at byte 5/);
    assert.throws(() => readAs('lprof', '\u0080\u0002', '.'), /a value is missing/);
    assert.throws(() => readAs('lprof', '\u0080\u0002', 'h\u0000'), /referred to that there is not/);
    assert.throws(() => readAs('lprof', '\u0080\u0002', '}.'), /no LineStats/);
  });

  it('are refused when they would take too much memory', () => {
    assert.throws(() => readAs('lprof', '\u0080\u0002', ']'.repeat(2_000_000)), /more objects and values/);
  });
});

describe('MOJO', () => {
  const begin = ['MOJ\u0004', '\u0002\u0005\u0000', 'MainThread\u0000'];
  const frame = ['\u000b\u0002a.py\u0000', '\u000b\u0003f\u0000', '\u0003\u0007\u0002\u0003\u0009\u0000\u0000\u0000'];

  it('of version 4 says that a stack is the one before, and has tasks, which run in no thread', () => {
    const task = ['\u000e\u0001\u0002', '\u0005\u0007', '\u0009\u0020'];
    const text = readAs('mojo', ...begin, ...frame, '\u0005\u0007', '\u0009\u0001', ...begin.slice(1), '\u000d', '\u0009\u0002', ...task);
    assert.equal(text, 'f (a.py:9) 2\n');
    assert.throws(() => readAs('mojo', ...begin, '\u000d'), /there is none at byte/);
  });

  it('is refused where it refers to what there is not, is of another kind, or cut off', () => {
    assert.throws(() => readAs('mojo', ...begin, '\u0005\u0009'), /a frame is referred to that there is not/);
    assert.throws(() => readAs('mojo', ...begin, '\u0003\u0007\u0002\u0003\u0009\u0000\u0000\u0000'), /a string is referred to/);
    assert.throws(() => readAs('mojo', 'MOJ\u0009'), /version 9, and Heatline reads 1 to 4/);
    assert.throws(() => readAs('mojo', 'MOJ\u0003\u0030'), /an event of an unknown kind at byte 5/);
    assert.throws(() => readAs('mojo', 'MOJ\u0003\u0009\u0001'), /belongs to no sample/);
    assert.throws(() => readAs('mojo', 'MOJ\u0003\u0001mode\u0000memory\u0000'), /is of memory/);
    assert.throws(() => readAs('mojo', 'MOJ\u0003\u0001', 'x'.repeat(1_100_000)), /longer than in any profile/);
    assert.throws(() => readAs('mojo', ...begin, '\u000b\u0002a'), /cut off after 21 bytes/);
  });
});

describe('text of Austin and perf', () => {
  it('says which line is none', () => {
    assert.throws(() => readAs('austin', '# austin: 3.7.0\n\nP1;T2;a.py:f:3 x\n'), /not a file of Austin: line 3 is no sample/);
    assert.throws(() => readAs('perf', 'python 1 1.5: 100 cycles:\n\t12 f (x)\n\tfoo\n'), /line 3 is no frame/);
    assert.throws(() => readAs('perf', 'python 1 1.5: 100 cycles:\n\t12 f (x)\n\nfoo\n'), /line 4 is no sample/);
    assert.throws(() => readAs('austin', '# mode: memory\n'), /is of memory/);
  });

  it('has kernel frames, frames that were not read, and the collector', () => {
    const text = 'P1;T0:1;a.py:f:3;:INVALID: 1000\nP1;T0:1;a:b.py:f:3;:GC: 1000,0,-5\nP1;T0:1;kernel:read:0;odd 1000\n';
    assert.equal(readAs('austin', text), 'f (a.py:3);(not read) 1\nf (a:b.py:3) 1\nread (kernel);odd 1\n');
  });

  it('has processes and cores in perf’s, and events that are no times', () => {
    const sample = (time: string): string =>
      `my prog  7/8 [001] ${time}:     12345 cycles:P: \n\t  ffff f+0x1 (/lib/x)\n\t 1a py::g.h:/a/b.py+0x8 (/tmp/perf-7.map)\n\n`;
    const reader = new AnyReader();
    reader.push(Buffer.from(['1.000000', '1.002000', '1.004000', '1.900000'].map(sample).join('')));
    const profile = profileOf(reader.end());
    assert.deepEqual([profile.processes[0]!.pid, profile.processes[0]!.name, profile.threads[0]!.osThreadId], [7, 'my prog', 8]);
    assert.equal(toCollapsed(profile), 'g.h (/a/b.py);f (/lib/x) 4\n');
    assert.ok(profile.runs.durations.every((duration) => Math.abs(duration - 2000) < 1));
  });
});

describe('pyinstrument’s trees', () => {
  it('may be deep, and are refused where they are none', () => {
    const depth = 100_000;
    const open = '{"function":"f","file_path":"a.py","line_no":3,"time":1,"children":[';
    const deep = readAs('pyinstrument', `{"root_frame":${open.repeat(depth)}${']}'.repeat(depth)}}`);
    assert.equal(deep.length, depth * 'f (a.py:3);'.length - 1 + ' 1\n'.length);
    assert.throws(() => readAs('pyinstrument', '{"root_frame":{"function":"f","time":-1}}'), /root_frame\.time is no time/);
    assert.throws(() => readAs('pyinstrument', '{"frame_records":[[["f"],"x"]]}'), /frame_records\[0\]\[1\] is not a number/);
    assert.throws(() => readAs('pyinstrument', '{}'), /neither frame_records nor root_frame/);
  });

  it('keep what waited apart', () => {
    const tree = '{"root_frame":{"function":"f","time":3,"children":[{"function":"[await]","time":2},{"function":"[self]","time":1}]}}';
    const { runs } = profileOf(readSaved(Buffer.from(tree)));
    assert.deepEqual(
      [...runs.durations].map((duration, run) => [duration, runs.flags[run]]),
      [
        [2_000_000, 0],
        [1_000_000, 1],
      ],
    );
  });
});

describe('files of profiling.sampling', () => {
  it('are refused where their tables are elsewhere, they are packed in an unknown way or of another version', () => {
    const changed = (at: number, value: number): Uint8Array =>
      readFileSync(new URL('./corpus/sampling-3.15.bin', import.meta.url)).with(at, value);
    assert.throws(() => readSaved(changed(4, 2)), /version 2 of profiling\.sampling’s format/);
    assert.throws(() => readSaved(changed(42, 1)), /tables lie outside/);
    assert.throws(() => readSaved(changed(56, 2)), /packed in a way/);
    assert.throws(() => readSaved(changed(76, 9)), /a sample of an unknown kind at byte/);
    assert.throws(() => readSaved(changed(56, 1)), /--compression none/);
  });
});
