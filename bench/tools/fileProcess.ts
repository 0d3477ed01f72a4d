/**
 * Writes a profile that is made up to a file, or reads one as the editor does, for the benchmark: `fileProcess.ts write FILE RUNS STACKS`,
 * `fileProcess.ts read FILE`. Writing says a WritingResult in the end, as a line of JSON, and reading a FileResult.
 */
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { ProfileDelta } from '../../profile/delta.ts';
import { firefoxText } from '../../profile/formats/firefox.ts';
import { NO_QUALITY, Profile } from '../../profile/profile.ts';
import { Feed } from '../../src/flameGraph/feed.ts';
import { decodeProfile } from '../../src/sessions/profileFile.ts';
import { random } from '../../webview/dev/sampleTrees.ts';

export interface WritingResult {
  /** MB by which the process was larger at its largest, while it wrote, than with the profile alone. */
  readonly writingMemory: number;
}

export interface FileResult {
  readonly runs: number;
  readonly stacks: number;
  /** MB, the columns of the profile that came out of it. */
  readonly profile: number;
  /** MB by which the process was larger at its largest than before it read. */
  readonly memory: number;
  /** s until the profile is there; and from then until the messages are, of which the page makes its first picture. */
  readonly reading: number;
  readonly picture: number;
}

const THREADS = 4;
const FUNCTIONS = 3000;
const FRAMES = 20_000;

/**
 * Stacks some thirty frames deep, some far hotter than others, and runs as a program has them that is looked at a thousand times
 * a second: most are a single sample.
 */
function madeUp(runs: number, stacks: number): Profile {
  const next = random(1);
  const below = (limit: number): number => Math.floor(next() * limit);
  const at = new Float64Array(THREADS);
  const columns = {
    threads: new Uint32Array(runs),
    stacks: new Uint32Array(runs),
    starts: new Float64Array(runs),
    durations: new Float64Array(runs),
    counts: new Uint32Array(runs),
    cpu: new Float64Array(runs),
    flags: new Uint8Array(runs),
  };
  for (let run = 0; run < runs; run++) {
    const thread = run % THREADS;
    const count = next() < 0.9 ? 1 : 1 + below(20);
    const duration = Math.round(count * (750 + 500 * next()) * 1000) / 1000;
    const isOnCpu = thread === 0 || next() < 0.3;
    columns.threads[run] = thread;
    columns.stacks[run] = thread === 3 && next() < 0.5 ? 0 : 1 + Math.floor(stacks * next() ** 4);
    columns.starts[run] = at[thread]!;
    columns.durations[run] = duration;
    columns.counts[run] = count;
    columns.cpu[run] = isOnCpu ? Math.round(duration * next() * 1000) / 1000 : 0;
    columns.flags[run] = isOnCpu ? 3 : 0;
    at[thread] = Math.round((at[thread]! + duration) * 1000) / 1000;
  }
  const until = Math.max(...at);
  const delta: ProfileDelta = {
    sequence: 0,
    until,
    processes: [
      {
        pid: 4242,
        parent: null,
        name: 'app.py',
        commandLine: ['python3', 'app.py'],
        executable: '/usr/bin/python3',
        workingDirectory: '/srv',
        pythonVersion: '3.13.1',
        startedAt: 0,
      },
    ],
    threads: Array.from({ length: THREADS }, (_, id) => ({
      process: 0,
      osThreadId: 4242 + id,
      pythonThreadId: String(140_000_000_000_000 + id),
      interpreterId: 0,
      name: `Thread-${id}`,
      isMain: id === 0,
      startedAt: 0,
    })),
    threadChanges: [],
    functions: Array.from({ length: FUNCTIONS }, (_, id) => ({
      name: `Handler${id % 70}.method_${id}`,
      file: `/srv/app/package/module_${id % 150}.py`,
      firstLine: 1 + below(900),
    })),
    frames: {
      functions: Uint32Array.from({ length: FRAMES }, () => below(FUNCTIONS)),
      lines: Uint32Array.from({ length: FRAMES }, () => 1 + below(1000)),
    },
    stacks: {
      parents: Uint32Array.from({ length: stacks }, (_, stack) => (stack < 8 ? 0 : Math.floor((stack * (1 + next())) / 2))),
      frames: Uint32Array.from({ length: stacks }, () => below(FRAMES)),
    },
    runs: columns,
    quality: {
      ...NO_QUALITY,
      ticks: runs,
      samples: columns.counts.reduce((sum, count) => sum + count, 0),
      elapsed: until,
      requestedRate: 1000,
    },
  };
  const profile = new Profile({ startedAtEpoch: 1_763_800_000_000, maxRuns: runs });
  profile.append(delta, { takesRuns: true });
  return profile;
}

/** MB; `VmRSS`: now, `VmHWM`: at most so far. */
function memory(what: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1000;
}

async function read(file: string): Promise<FileResult> {
  const before = memory('VmRSS');
  const began = performance.now();
  const profile = await decodeProfile(file);
  const there = performance.now();
  const most = memory('VmHWM');
  const feed = new Feed(profile);
  feed.functions();
  feed.participants();
  feed.tree(1, 100_000);
  const shown = performance.now();
  const { threads, stacks, starts, durations, counts, cpu, flags } = profile.runs;
  const { frameFunctions, frameLines, stackParents, stackFrames } = profile.columns;
  const columns = [threads, stacks, starts, durations, counts, cpu, flags, frameFunctions, frameLines, stackParents, stackFrames];
  return {
    runs: profile.runs.length,
    stacks: profile.stackCount,
    profile: columns.reduce((sum, { byteLength }) => sum + byteLength, 0) / 1e6,
    memory: most - before,
    reading: (there - began) / 1000,
    picture: (shown - there) / 1000,
  };
}

const [what, file = '', runs, stacks] = process.argv.slice(2);
if (what === 'write') {
  const profile = madeUp(Number(runs), Number(stacks));
  writeFileSync('/proc/self/clear_refs', '5'); // VmHWM begins anew (proc_pid_clear_refs(5))
  const before = memory('VmRSS');
  const text = Readable.from(firefoxText(profile), { objectMode: false });
  await (file.endsWith('.gz')
    ? pipeline(text, createGzip({ level: 1 }), createWriteStream(file))
    : pipeline(text, createWriteStream(file)));
  process.stdout.write(`${JSON.stringify({ writingMemory: memory('VmHWM') - before } satisfies WritingResult)}\n`);
} else {
  process.stdout.write(`${JSON.stringify(await read(file))}\n`);
}
