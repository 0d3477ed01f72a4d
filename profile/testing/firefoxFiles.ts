import { SampleFlag } from '../delta.ts';
import type { Profile } from '../profile.ts';
import { profileOf } from './build.ts';

const { OnCpu, HoldsGil, Partial } = SampleFlag;

/** A bit of everything. */
export const example = profileOf({
  startedAtEpoch: 1_763_800_000_000,
  files: { fib: 'lib.py' },
  processes: [{}, { pid: 4243, parent: 0, name: 'worker.py' }, { pid: 4242, parent: 1 }],
  threads: [{}, { process: 1, name: 'Wörker', isMain: false }],
  runs: [
    { stack: 'main:1 fib:8 fib:0', count: 3, flags: OnCpu | HoldsGil },
    { stack: '', count: 2, flags: 0 },
    { stack: 'main:1', start: 900_000, duration: 1234.567, flags: OnCpu | Partial },
    { stack: 'main:2', thread: 1 },
  ],
  quality: { samples: 7, lost: 1, requestedRate: 1000, stops: 4, stoppedTime: 31.5, shareError: 0.03, noStops: 'cores' },
});

/** The shape of files by other tools: https://github.com/mstange/samply writes version 61 like this. */
export const foreign = {
  meta: { preprocessedProfileVersion: 61, interval: 0.5, startTime: 1000, product: 'app', categories: [] },
  libs: [{ name: 'libc.so.6' }],
  shared: {
    stringArray: ['libc.so.6', 'malloc', 'run', 'app.js'],
    sources: { length: 1, filename: [3] },
    funcTable: { length: 2, name: [1, 2], resource: [0, -1], source: [null, 0], lineNumber: [null, 7] },
    frameTable: { length: 2, func: [1, 0], line: [9, null] },
    stackTable: { length: 2, frame: [0, 1], prefix: [null, 0] },
    resourceTable: { length: 1, name: [0], lib: [0], type: [1], host: [null] },
  },
  threads: [
    {
      name: 'Main',
      isMainThread: true,
      pid: '77',
      processName: 'app',
      tid: '78',
      registerTime: -3,
      unregisterTime: null,
      samples: { stack: [1, null, 0], timeDeltas: [-2, 1, 1.5], weight: [1, 2, 4], weightType: 'samples', threadCPUDelta: [0, 0, 20] },
    },
  ],
};

/** All that a profile says, with runs by thread and time. */
export function everything(profile: Profile): unknown {
  const { runs } = profile;
  const rows = Array.from({ length: runs.length }, (_, run) => [
    runs.threads[run]!,
    runs.starts[run]!,
    runs.stacks[run]!,
    runs.durations[run]!,
    runs.counts[run]!,
    runs.cpu[run]!,
    runs.flags[run]!,
  ]);
  return {
    startedAtEpoch: profile.startedAtEpoch,
    until: profile.until,
    quality: profile.quality,
    processes: profile.processes,
    threads: profile.threads,
    functions: profile.functions,
    frames: Array.from({ length: profile.frameCount }, (_, frame) => [
      profile.frameFunction(frame),
      profile.frameLine(frame),
      profile.instructions.of(frame),
    ]),
    instructions: profile.instructions.columns,
    stacks: Array.from({ length: profile.stackCount }, (_, stack) => [profile.stackParent(stack), profile.stackFrame(stack)]),
    runs: rows.map((row) => row.map((value) => String(value).padStart(12)).join()).sort(),
  };
}
