import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounds } from '../testing/fuzz.ts';
import { callTree } from '../callTree.ts';
import { SampleFlag } from '../delta.ts';
import { functionTimes } from '../functionTimes.ts';
import { lineTimes } from '../lines.ts';
import type { Profile } from '../profile.ts';
import { ProfileFormatError } from '../profileFormatError.ts';
import { anyDelta, anyProfile, profileFrom } from '../testing/arbitrary.ts';
import { profileOf } from '../testing/build.ts';
import { everything, example, foreign } from '../testing/firefoxFiles.ts';
import { StackWeights } from '../weights.ts';
import { firefoxText, fromFirefox, parseFirefox, toFirefox } from './firefox.ts';

const { OnCpu } = SampleFlag;

describe('toFirefox', () => {
  const file = toFirefox(example);

  it('writes a sample per run, ms, and the CPU time before it', () => {
    assert.deepEqual(file.threads[0]!.samples, {
      length: 5,
      //    3 samples, 2 without a frame, their end (a gap follows), 1 more, its end
      time: [0, 3, 5, 900, 901.234567],
      stack: [2, null, null, 0, null],
      weight: [3, 2, 0, 1.234567, 0],
      weightType: 'tracing-ms',
      threadCPUDelta: [0, 3000, 0, 0, 1235],
    });
    assert.deepEqual(file.threads[0]!.heatline.counts, [3, 2, 0, 1, 0]);
  });

  it('writes the CPU time that the system told, some ms late, where it was used', () => {
    const profile = profileOf({
      runs: [
        { stack: 'f:1', duration: 1000, cpu: 0 },
        { stack: 'f:2', duration: 1000, cpu: 0 },
        { stack: 'f:3', duration: 2000, cpu: 3500 }, // 1500 µs of it before
        { stack: 'f:4', duration: 9000, cpu: 20, flags: 0 }, // woke in between
        { stack: 'f:5', duration: 4000, cpu: 0, flags: SampleFlag.Ready },
        { stack: 'f:6', duration: 1000, cpu: 1000.25 },
        { stack: 'f:7', duration: 1000, cpu: 1300 }, // 300 µs more than fit, and nowhere to put them but the last run that was not full
      ],
    });
    const { samples, heatline } = toFirefox(profile).threads[0]!;
    assert.deepEqual(samples.threadCPUDelta, [0, 800, 1000, 2000, 20, 0, 1000, 1000]);
    assert.deepEqual(heatline.cpu, [0, 0, 3500, 20, 0, 1000.25, 1300, 0]);
  });

  it('loses no CPU time', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const used = toFirefox(profile).threads.flatMap(({ samples }) => samples.threadCPUDelta);
        const told = profile.runs.cpu.subarray(0, profile.runs.length).reduce((sum, cpu) => sum + cpu, 0);
        assert.ok(Math.abs(used.reduce((sum, cpu) => sum + cpu, 0) - told) <= used.length / 2 + 1e-6);
      }),
    );
  });

  it('writes functions, frames and stacks once for all threads', () => {
    const { stringArray, funcTable, frameTable, stackTable, sources } = file.shared;
    assert.deepEqual(
      funcTable.name.map((name, i) => [stringArray[name], stringArray[sources.filename[funcTable.source[i]!]!], funcTable.lineNumber[i]]),
      [
        ['main', '/work/app.py', 10],
        ['fib', 'lib.py', 20],
      ],
    );
    assert.deepEqual(frameTable.func, [0, 1, 1, 0]);
    assert.deepEqual(frameTable.line, [1, 8, null, 2]);
    assert.deepEqual(stackTable.prefix, [null, 0, 1, null]);
    assert.deepEqual(stackTable.frame, [0, 1, 2, 3]);
  });

  it('keeps processes with the same pid apart', () => {
    assert.deepEqual(
      toFirefox(profileOf({ processes: [{}, {}], threads: [{}, { process: 1 }], runs: [] })).threads.map(({ pid }) => pid),
      ['4242', '4242.1'],
    );
  });

  it('gives every table columns of its length', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const { shared, threads } = toFirefox(profile);
        const { sources, funcTable, frameTable, stackTable, resourceTable, nativeSymbols } = shared;
        const ofThreads = threads.flatMap(({ samples, markers }) => [samples, markers]);
        for (const table of [sources, funcTable, frameTable, stackTable, resourceTable, nativeSymbols, ...ofThreads]) {
          for (const [name, column] of Object.entries(table)) {
            if (Array.isArray(column)) assert.equal(column.length, table.length, name);
          }
        }
      }),
    );
  });
});

describe('fromFirefox', () => {
  it('gets everything back that toFirefox wrote', () => {
    fc.assert(
      fc.property(anyDelta, fc.integer({ min: 2, max: 80 }), (delta, maxRuns) => {
        const profile = profileFrom([delta], { maxRuns, startedAtEpoch: 1_763_800_000_123 });
        assert.deepEqual(fromFirefox(toFirefox(profile)).coarseTimes, profile.coarseTimes);
        assert.equal([...firefoxText(profile)].join(''), JSON.stringify(toFirefox(profile)));
        assert.deepEqual(everything(throughText(profile)), everything(profile));
      }),
    );
  });

  it('keeps instructions where other readers ignore them, and start columns where they don’t', () => {
    const file = toFirefox(profileOf({ runs: [{ stack: 'f:1@CALL:5-9' }, { stack: 'f:1@BINARY_OP:3-20' }, { stack: 'g:2' }] }));
    assert.deepEqual(file.shared.frameTable.column, [5, 3, null]);
    assert.deepEqual(file.heatline.instructions?.names, ['CALL', 'BINARY_OP']);
    assert.equal(toFirefox(example).heatline.instructions, undefined);
    assert.deepEqual(toFirefox(example).shared.frameTable.column, [null, null, null, null]);
  });

  it('forgets instructions when another program saved the file with other frames, and refuses ones that make no sense', () => {
    const saved = profileOf({ runs: [{ stack: 'f:1@CALL:5-9' }, { stack: 'f:1@BINARY_OP:3-20' }] });
    const copy = (
      change: (file: { shared: { frameTable: Record<string, unknown[]> }; heatline: { instructions: Record<string, unknown[]> } }) => void,
    ): Profile => {
      const file = JSON.parse(JSON.stringify(toFirefox(saved))) as Parameters<typeof change>[0];
      change(file);
      return fromFirefox(file);
    };
    assert.equal(copy(() => undefined).instructions.of(1)?.opcode, 'BINARY_OP');
    assert.equal(copy(({ shared }) => shared.frameTable['column']!.reverse()).instructions.isPresent, false);
    assert.equal(
      copy(({ heatline }) => Object.values(heatline.instructions).forEach((column) => column.pop())).instructions.isPresent,
      false,
    );
    assert.throws(() => copy(({ heatline }) => (heatline.instructions['opcodes']![0] = 3)), ProfileFormatError);
    assert.throws(() => copy(({ heatline }) => (heatline.instructions['endColumns']![0] = 'x')), ProfileFormatError);
    assert.throws(() => copy(({ heatline }) => (heatline.instructions['names']![0] = null)), ProfileFormatError);
    assert.throws(() => copy(({ heatline }) => (heatline.instructions['endLines']![0] = -1)), ProfileFormatError);
  });

  it('keeps times to the ns', () => {
    const back = throughText(profileOf({ runs: [{ stack: 'f:1', start: 1_234_567.891, duration: 1000.001 }] }));
    assert.equal(back.runs.starts[0], 1_234_567.891);
    assert.equal(back.runs.durations[0], 1000.001);
  });

  it('reads what was saved when there were no stops', () => {
    const file = JSON.parse(JSON.stringify(toFirefox(example))) as { heatline: { quality: Record<string, unknown> } };
    const added = ['stops', 'stoppedTime', 'shareError', 'noStops'];
    const quality = (file.heatline.quality = Object.fromEntries(
      Object.entries(file.heatline.quality).filter(([name]) => !added.includes(name)),
    ));
    const { lost, stops, stoppedTime, shareError, noStops } = fromFirefox(file).quality;
    assert.deepEqual([lost, stops, stoppedTime, shareError, noStops], [1, 0, 0, null, null]);
    for (const wrong of [{ shareError: 2 }, { shareError: 'all' }, { noStops: 'mood' }, { stops: -1 }]) {
      assert.throws(() => fromFirefox({ ...file, heatline: { ...file.heatline, quality: { ...quality, ...wrong } } }), ProfileFormatError);
    }
  });

  it('reads a profile that another tool wrote', () => {
    const profile = fromFirefox(foreign);
    assert.deepEqual(profile.functions, [
      { name: 'malloc', file: 'libc.so.6', firstLine: 0 },
      { name: 'run', file: 'app.js', firstLine: 7 },
    ]);
    const { runs } = profile;
    // Samples before the start move it.
    assert.deepEqual([...runs.starts.subarray(0, 3)], [0, 1000, 2500]);
    assert.equal(profile.startedAtEpoch, 998);
    assert.deepEqual([...runs.durations.subarray(0, 3)], [500, 1000, 2000]);
    assert.deepEqual([...runs.counts.subarray(0, 3)], [1, 2, 4]);
    assert.deepEqual([...runs.stacks.subarray(0, 3)], [2, 0, 1]);
    assert.deepEqual([...runs.flags.subarray(0, 3)], [OnCpu, 0, OnCpu]);
    assert.deepEqual([profile.threads[0]!.osThreadId, profile.threads[0]!.startedAt], [78, 0]);
    assert.deepEqual([profile.processes[0]!.pid, profile.processes[0]!.name], [77, 'app']);
    assert.equal(profile.quality.samples, 7);
  });

  it('reads distances instead of prefixes (version 69)', () => {
    const profile = fromFirefox({
      ...foreign,
      shared: { ...foreign.shared, stackTable: { length: 2, frame: [0, 1], prefixOffset: [0, 1] } },
    });
    assert.deepEqual([profile.stackParent(1), profile.stackParent(2)], [0, 1]);
  });

  it('joins the tables that threads had of their own before version 60', () => {
    const thread = (stack: number): object => ({
      name: 'GeckoMain',
      pid: 5,
      tid: 6,
      processStartupTime: 0,
      stringArray: ['f', 'f.py', 'g'],
      funcTable: { name: stack === 0 ? [0, 2] : [2, 0], fileName: [1, 1], lineNumber: [1, 1], resource: [-1, -1] },
      frameTable: { func: [0, 1], line: [3, 3] },
      stackTable: { frame: [0, 1], prefix: [null, 0] },
      resourceTable: { name: [] },
      samples: { stack: [stack], time: [1], weight: null },
    });
    const profile = fromFirefox({ meta: { preprocessedProfileVersion: 48, interval: 1 }, threads: [thread(0), thread(1)] });
    assert.deepEqual(
      profile.functions.map(({ name }) => name),
      ['f', 'g'],
    );
    assert.equal(profile.stackCount, 5); // f, f g, and of the other thread g, g f
    assert.equal(profile.processes.length, 1);
    assert.deepEqual(
      functionTimes(new StackWeights(profile)).map(({ func, total }) => [func, total]),
      [
        [0, 2000],
        [1, 1000],
      ],
    );
  });

  it('takes CPU times from units that are times, and guesses where there are none', () => {
    const cpuOf = (threadCPUDelta: unknown, unit?: string): number[] => {
      const thread = { ...foreign.threads[0], samples: { ...foreign.threads[0]!.samples, threadCPUDelta } };
      const { runs } = fromFirefox({
        ...foreign,
        meta: { ...foreign.meta, sampleUnits: unit === undefined ? undefined : { time: 'ms', threadCPUDelta: unit } },
        threads: [thread],
      });
      return [...runs.cpu.subarray(0, runs.length)];
    };
    assert.deepEqual(cpuOf([0, 0, 20], 'µs'), [500, 0, 20]);
    assert.deepEqual(cpuOf([0, 7000, 20_000], 'ns'), [500, 7, 20]);
    assert.deepEqual(cpuOf([0, 0, 20], 'variable CPU cycles'), [500, 0, 2000]);
    assert.deepEqual(cpuOf([null, null, -3]), [500, 1000, 0]);
    assert.deepEqual(cpuOf(undefined, 'µs'), [500, 1000, 2000]);
  });

  it('takes runs on the CPU for CPU time in files that Heatline saved before it asked the system', () => {
    const file = structuredClone(toFirefox(example)) as unknown as { threads: { heatline: Record<string, unknown> }[] };
    for (const { heatline } of file.threads) delete heatline['cpu'];
    const { runs } = fromFirefox(file);
    assert.deepEqual([...runs.cpu.subarray(0, runs.length)], [3000, 0, 1234.567, 1000]);
  });

  it('reads its own file after profiler.firefox.com has saved part of it', () => {
    const file = structuredClone(toFirefox(example)) as unknown as { threads: { samples: Record<string, unknown[]> }[] };
    for (const name of ['time', 'stack', 'weight', 'threadCPUDelta']) file.threads[0]!.samples[name]!.length = 3;
    const weights = new StackWeights(fromFirefox(file), { threads: new Set([0]) });
    assert.equal(weights.totalTime, 5000);
  });

  it('takes times of files of before for coarse as a whole', () => {
    const file = toFirefox(example);
    const older = { ...file, heatline: { ...file.heatline, timeResolution: 8000 } };
    assert.deepEqual(fromFirefox(older).coarseTimes, [{ until: file.heatline.until, step: 8000 }]);
    assert.deepEqual(fromFirefox(file).coarseTimes, []);
  });

  describe('says what is wrong with', () => {
    const own = (): Record<string, Record<string, unknown>> & { threads: Record<string, Record<string, unknown>>[] } =>
      structuredClone(toFirefox(example)) as never;
    const wrong: [string, unknown, RegExp][] = [
      ['no object', null, /the file is not an object/],
      ['a list', [], /the file is not an object/],
      ['another format', { $schema: 'https://www.speedscope.app/file-format-schema.json', profiles: [] }, /meta is not an object/],
      ["Firefox's own format", { meta: { version: 24 }, libs: [], threads: [] }, /open it in profiler.firefox.com/],
      [
        'coarse times that are out of order',
        {
          ...own(),
          heatline: {
            ...own()['heatline'],
            coarseTimes: [
              { until: 5, step: 8 },
              { until: 5, step: 4 },
            ],
          },
        },
        /heatline\.coarseTimes\[1\] is out of order/,
      ],
      [
        'steps that grow',
        {
          ...own(),
          heatline: {
            ...own()['heatline'],
            coarseTimes: [
              { until: 5, step: 8 },
              { until: 9, step: 16 },
            ],
          },
        },
        /heatline\.coarseTimes\[1\] is out of order/,
      ],
      ['a newer Heatline', { ...own(), heatline: { version: 2 } }, /newer version of Heatline/],
      ['memory sizes', change((file) => (file.threads[0]!['samples']!['weightType'] = 'bytes')), /other than time/],
      ['a comparison', change((file) => (file.threads[0]!['samples']!['weight'] = [1, -1, 0, 0, 0])), /comparison/],
      [
        'a stack that does not exist',
        change((file) => (file.threads[0]!['samples']!['stack'] = [99, 0, 0, 0, 0])),
        /threads\[0\].samples.stack\[0\] points at nothing/,
      ],
      [
        'columns of different lengths',
        change((file) => (file.threads[0]!['samples']!['time'] = [1])),
        /threads\[0\].samples.time has 1 entries where 5/,
      ],
      [
        'a circle of stacks',
        change((file) => ((file['shared']!['stackTable'] as Record<string, unknown>)['prefix'] = [1, 0, null, null])),
        /prefix\[0\] points at nothing/,
      ],
      ['a missing table', change((file) => delete file['shared']!['frameTable']), /shared.frameTable is not an object/],
      ['a thread of no process', change((file) => (file.threads[0]!['heatline']!['process'] = 3)), /heatline.process points at nothing/],
    ];
    for (const [name, file, message] of wrong) {
      it(name, () => {
        assert.throws(
          () => fromFirefox(file),
          (error) => error instanceof ProfileFormatError && message.test(error.message),
        );
      });
    }

    function change(by: (file: ReturnType<typeof own>) => unknown): unknown {
      const file = own();
      by(file);
      return file;
    }
  });

  it('gives an error or a profile that can be asked, whatever is changed in a file', () => {
    const nonsense = fc.oneof(
      fc.constantFrom(null, undefined, -1, 0, 0.5, 1e308, 2 ** 32, '', 'x', true, [], {}, [[]]),
      fc.integer({ min: -5, max: 10 }),
      fc.jsonValue(),
    );
    for (const base of [toFirefox(example), foreign]) {
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.nat(), nonsense), { minLength: 1, maxLength: 3 }), (changes) => {
          const file = structuredClone(base) as unknown;
          for (const [at, value] of changes) {
            const places = placesIn(file);
            const [parent, key] = places[at % places.length]!;
            parent[key] = structuredClone(value); // what is put into itself has no end
          }
          try {
            ask(fromFirefox(file));
          } catch (error) {
            assert.ok(error instanceof ProfileFormatError, String(error));
          }
        }),
        { numRuns: rounds(3000) },
      );
    }
  });

  it('is not led astray by values nested without end', () => {
    const nested = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const text = JSON.stringify(foreign).replace('"77"', nested).replace('"78"', nested);
    assert.deepEqual(
      parseFirefox(text).threads.map(({ osThreadId }) => osThreadId),
      [0],
    );
    for (const part of ['meta', 'shared', 'threads', 'heatline']) {
      const other = text.replace('{', `{"${part}":${nested},`).replace(`"${part}":{`, '"other":{').replace(`"${part}":[{`, '"other":[{');
      assert.throws(() => parseFirefox(other), ProfileFormatError, part);
    }
  });

  it('says that a file is cut off', () => {
    const text = JSON.stringify(toFirefox(example));
    for (const length of [0, 1, 100, text.length - 1]) {
      assert.throws(() => parseFirefox(text.slice(0, length)), ProfileFormatError);
    }
    assert.equal(parseFirefox(text).runs.length, 4);
  });
});

function throughText(profile: Profile): Profile {
  return parseFirefox(JSON.stringify(toFirefox(profile)));
}

function ask(profile: Profile): void {
  const weights = new StackWeights(profile);
  const tree = callTree(weights, { inverted: true, by: 'line' });
  assert.ok(Math.abs(tree.total[0]! - weights.totalTime) <= weights.totalTime * 1e-9);
  lineTimes(weights);
  toFirefox(profile);
}

/** Every place in a tree of JSON where a value stands. */
function placesIn(value: unknown): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap((key) => [[parent, key] as [Record<string, unknown>, string], ...placesIn(parent[key])]);
}
