import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { SampleFlag } from '../delta.ts';
import type { Profile } from '../profile.ts';
import { ProfileFormatError } from '../profileFormatError.ts';
import { readSaved } from '../testing/readSaved.ts';
import { StackWeights } from '../weights.ts';
import { recognised } from './anyReader.ts';
import { START_LENGTH } from './format.ts';
import { profileOf } from './savedProfile.ts';

/** A file of corpus/, unpacked. */
function corpus(name: string): Buffer {
  const bytes = readFileSync(new URL(`./corpus/${name}`, import.meta.url));
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

const read = (bytes: Uint8Array, pieceLength?: number): Profile => profileOf(readSaved(bytes, pieceLength));

interface Times {
  readonly self: number;
  readonly total: number;
}

/** µs of each function by its name, and of each of its lines by "name:line". */
function timesOf(profile: Profile): Map<string, Times> {
  const { time } = new StackWeights(profile);
  const sums = new Map<string, Times>();
  for (let stack = 1; stack < profile.stackCount; stack++) {
    const seen = new Set<string>();
    for (let at = stack; at !== 0; at = profile.stackParent(at)) {
      const frame = profile.stackFrame(at);
      const { name } = profile.functions[profile.frameFunction(frame)]!;
      for (const key of [name, `${name}:${profile.frameLine(frame)}`]) {
        const { self, total } = sums.get(key) ?? { self: 0, total: 0 };
        sums.set(key, { self: self + (at === stack ? time[stack]! : 0), total: total + (seen.has(key) ? 0 : time[stack]!) });
        seen.add(key);
      }
    }
  }
  return sums;
}

const whole = (value: number | undefined): number => Math.round(value ?? -1);

/** What is in a file, by the tool's own reader: pstats, austin-python, `profiling.sampling replay`, or sums over the text. */
interface Expectation {
  readonly format: string;
  /** µs, all threads. */
  readonly time: number;
  /** µs by function, or function and line. */
  readonly self: Readonly<Record<string, number>>;
  readonly total?: Readonly<Record<string, number>>;
  /** As [name, number, whether it is the main one]. */
  readonly threads?: readonly (readonly [string, number, boolean])[];
}

const expectations: Readonly<Record<string, Expectation>> = {
  'cProfile-2.7.pstats': {
    format: 'pstats',
    time: 200_021,
    self: { leaf: 169_788, recurse: 322, count: 80, main: 382 },
    total: { leaf: 199_194, recurse: 57_872, count: 89_940, main: 200_016 },
  },
  'cProfile-3.8.pstats': {
    format: 'pstats',
    time: 200_089,
    self: { leaf: 199_388, recurse: 277, count: 64, main: 283 },
    total: { leaf: 199_388, recurse: 43_745, count: 96_188, main: 200_049 },
  },
  'cProfile-3.12.pstats': {
    format: 'pstats',
    time: 200_107,
    self: { leaf: 194_223, recurse: 317, count: 80, main: 344 },
    total: { leaf: 194_223, count: 83_124, main: 200_044 },
  },
  'cProfile-3.15.pstats': {
    format: 'pstats',
    time: 200_955,
    self: { leaf: 199_625, recurse: 551, count: 137, main: 518 },
    total: { leaf: 199_625, recurse: 61_662, count: 83_079, main: 200_907 },
  },
  // Of two threads, whose calls cProfile takes for one's: no time is lost.
  'cProfileThreads-3.15.pstats.gz': { format: 'pstats', time: 302_562, self: { leaf: 296_762, recurse: 3479, count: 206, main: 276 } },
  'sampling-3.15.pstats': {
    format: 'pstats',
    time: 505_000,
    self: { 'leaf:8': 245_000, 'leaf:7': 50_000, '_run_code': 5000 },
    total: { 'main:28': 145_000, 'main:26': 80_000, 'leaf:8': 245_000 },
  },
  'sampling-3.15.bin': {
    format: 'sampling',
    time: 505_000,
    self: { 'leaf:8': 260_000, 'leaf:7': 35_000, 'wait:8': 205_000, '_run_code': 5000 },
    threads: [
      ['MainThread', 17133, true],
      ['', 17134, false],
    ],
  },
  'sampling-3.15.collapsed': {
    format: 'raw',
    time: 102_000,
    self: { leaf: 56_000, wait: 42_000 },
    threads: [
      ['', 17148, false],
      ['', 17147, false],
    ],
  },
  'sampling-3.15.gecko.json': { format: 'firefox', time: 510_031, self: { _run_code: 5000 }, total: { 'Größe.rechne': 295_018 } },
  'austin-3.7.austin': { format: 'austin', time: 185_269, self: { 'leaf': 185_061, 'leaf:8': 142_993 }, threads: [['', 17106, true]] },
  'austinFull-3.7.austin': {
    format: 'austin',
    time: 516_734,
    self: { 'leaf': 301_942, 'leaf:8': 247_234, 'wait': 203_204 },
    threads: [
      ['', 17110, true],
      ['', 17112, false],
    ],
  },
  'austin-3.4.mojo': { format: 'mojo', time: 529_062, self: { 'leaf': 303_107, 'leaf:8': 244_944 } },
  'austin-3.5.mojo': { format: 'mojo', time: 546_599, self: { 'leaf': 299_268, 'leaf:8': 223_302 } },
  'austin-4.0.mojo': { format: 'mojo', time: 532_949, self: { 'leaf': 295_624, 'leaf:8': 137_602 } },
  'pyinstrument.json': { format: 'pyinstrument', time: 304_906, self: { leaf: 296_957, main: 7949 }, total: { count: 167_417 } },
  'pyinstrument.pyisession.gz': { format: 'pyinstrument', time: 302_868, self: {}, total: { 'Größe.rechne': 295_983 } },
  'vizTracer.json.gz': {
    format: 'chrometrace',
    time: 6138,
    self: { leaf: 5376 },
    total: { 'leaf': 5376, '<module>': 6138 },
    threads: [['MainThread', 17772, true]],
  },
  'lineProfiler.lprof': { format: 'lprof', time: 336_342, self: { main: 200_650, leaf: 135_692 } },
  'perf-3.15.txt.gz': {
    format: 'perf',
    time: 111_111,
    self: { leaf: 0 },
    total: { 'leaf': 90_909, '<module>': 90_909, 'Counter.count': 40_404 },
  },
  'perfNative-3.15.txt.gz': { format: 'perf', time: 131_313, self: {}, total: { PyEval_EvalCode: 131_313 } },
};

describe('files of other tools', () => {
  for (const [name, { format, time, self, total = {}, threads }] of Object.entries(expectations)) {
    it(`are read to the last µs: ${name}`, () => {
      const bytes = corpus(name);
      assert.equal(recognised(bytes.subarray(0, START_LENGTH))?.id, format);
      const profile = read(bytes, 1000);
      assert.equal(whole(new StackWeights(profile).totalTime), time);
      const times = timesOf(profile);
      assert.deepEqual(Object.fromEntries(Object.keys(self).map((key) => [key, whole(times.get(key)?.self)])), self);
      assert.deepEqual(Object.fromEntries(Object.keys(total).map((key) => [key, whole(times.get(key)?.total)])), total);
      if (threads !== undefined)
        assert.deepEqual(
          profile.threads.map((thread) => [thread.name, thread.osThreadId, thread.isMain]),
          threads,
        );
    });
  }

  it('have the same in them however they come', () => {
    for (const name of Object.keys(expectations)) {
      const bytes = corpus(name);
      assert.deepEqual(readSaved(bytes, 7), readSaved(bytes), name);
    }
  });

  it('are read or refused when they are cut off or damaged, and nothing else happens', () => {
    let seed = 1;
    const next = (below: number): number => (seed = (seed * 48_271) % 0x7fff_ffff) % below;
    for (const name of Object.keys(expectations)) {
      const bytes = corpus(name);
      const damaged = Array.from({ length: 60 }, (_, i) =>
        i % 3 === 0 ? bytes.subarray(0, next(bytes.length)) : bytes.with(next(bytes.length), i % 3 === 1 ? 0xff : next(256)),
      );
      for (const file of damaged) {
        try {
          profileOf(readSaved(file));
        } catch (error) {
          assert.ok(error instanceof ProfileFormatError, `${name}: ${String(error)}`);
        }
      }
    }
  });

  it('say who waited, ran and held the GIL, where the tool asked', () => {
    const idle = (name: string): number => {
      const { runs } = read(corpus(name));
      let sum = 0;
      for (let run = 0; run < runs.length; run++) if ((runs.flags[run]! & SampleFlag.OnCpu) === 0) sum += runs.durations[run]!;
      return sum;
    };
    assert.equal(idle('austinFull-3.7.austin'), 213_982);
    assert.equal(idle('austin-3.5.mojo'), 193_003);
    assert.equal(idle('austin-4.0.mojo'), 204_998);
    const { runs } = read(corpus('sampling-3.15.bin'));
    assert.ok(
      runs.flags.some((flags) => (flags & SampleFlag.HoldsGil) !== 0) && runs.flags.some((flags) => (flags & SampleFlag.HoldsGil) === 0),
    );
  });

  it('have threads of Austin’s at the same time, and not one after the other', () => {
    for (const name of ['austinFull-3.7.austin', 'austin-4.0.mojo']) assert.ok(read(corpus(name)).until < 400_000, name);
  });

  it('have lines where functions begin, if the tool says so', () => {
    const firstLines = (name: string): (number | undefined)[] =>
      ['leaf', 'recurse'].map((func) => read(corpus(name)).functions.find((one) => one.name === func)?.firstLine);
    for (const name of ['cProfile-2.7.pstats', 'cProfile-3.15.pstats', 'pyinstrument.pyisession.gz'])
      assert.deepEqual(firstLines(name), [5, 12]);
    assert.deepEqual(firstLines('sampling-3.15.pstats'), [0, 0]);
  });
});
